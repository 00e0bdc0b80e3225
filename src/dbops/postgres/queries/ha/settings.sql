-- All settings the role may see. Of those that may hold a secret only whether they are set. A setting of the command
-- line outlives a restart, whatever a file says; PostgreSQL calls it pending all the same.
SELECT json_object_agg(name, json_build_array(
    CASE WHEN name IN ('archive_command', 'restore_command', 'archive_cleanup_command', 'recovery_end_command',
        'ssl_passphrase_command', 'primary_conninfo') AND setting <> '' THEN '(set)' ELSE setting END,
    unit, pending_restart AND source <> 'command line', source))
FROM pg_settings
