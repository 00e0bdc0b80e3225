-- The log's entry of what was done. Its own statement: beside an UPDATE in one WITH it costs twice as much to plan.
INSERT INTO :"schema".migration_log
    (action, outcome, version, name, checksum, execution_ms, run_id, change_id, os_user, host, application, dbops_version)
VALUES (:'action', 'ok', :'version', :'name', :'checksum',
    coalesce(:'execution_ms', 1000 * EXTRACT(epoch FROM clock_timestamp() - now())),
    :'run_id', :'change_id', :'os_user', :'host', :'application', :'dbops_version')
RETURNING execution_ms
