-- Who the server is, and which settings could end a migration early. Readable by any role.
SELECT /* dbops */ json_build_object(
    'database', current_database(),
    'user', session_user,
    'role', current_user,
    'pid', pg_backend_pid(),
    'backend_start', (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid())),
    'in_recovery', pg_is_in_recovery(),
    'read_only', current_setting('default_transaction_read_only')::bool,
    'server_version', current_setting('server_version_num')::int4,
    'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
    'postmaster_start', pg_postmaster_start_time(),
    'settings', (SELECT json_object_agg(name, setting::int8) FROM pg_settings
        WHERE name = ANY (ARRAY['statement_timeout', 'lock_timeout', 'transaction_timeout',
            'idle_in_transaction_session_timeout', 'idle_session_timeout', 'client_connection_check_interval']))
)
