-- Name and checksum once more: a file that failed half way may have been mended before it was resumed.
WITH done AS (
    UPDATE :"schema".schema_migrations
    SET state = 'applied', name = :'name', checksum = :'checksum',
        execution_ms = coalesce(:'execution_ms', 1000 * EXTRACT(epoch FROM clock_timestamp() - applied_at))
    WHERE version = :'version' RETURNING execution_ms
)
INSERT INTO :"schema".migration_log
    (action, outcome, version, name, checksum, execution_ms, run_id, change_id, os_user, host, application, dbops_version)
SELECT :'action', 'ok', :'version', :'name', :'checksum', execution_ms, :'run_id', :'change_id', :'os_user', :'host',
    :'application', :'dbops_version'
FROM done RETURNING execution_ms
