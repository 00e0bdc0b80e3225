INSERT INTO :"schema".migration_log
    (action, outcome, version, name, checksum, execution_ms, run_id, change_id, os_user, host, application, dbops_version)
SELECT :'action', 'ok', :'version', :'name', :'checksum', 
    coalesce(:'execution_ms', 1000 * EXTRACT(epoch FROM clock_timestamp() - now())), :'run_id', :'change_id', :'os_user', :'host', :'application', :'dbops_version'
RETURNING execution_ms
