-- Where a standby is told to connect; it may hold a password. Needs pg_read_all_settings (pg_monitor has it): for
-- others the setting isn't there.
SELECT json_build_object('conninfo', setting) FROM pg_settings WHERE name = 'primary_conninfo'
