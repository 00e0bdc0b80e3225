INSERT INTO :"schema".migration_log
    (action, outcome, version, name, checksum, execution_ms, run_id, change_id, reason, os_user, host, application,
     dbops_version, error_code, sqlstate, error)
VALUES (:'action', :'outcome', :'version', :'name', :'checksum', :'execution_ms', :'run_id', :'change_id', :'reason',
    :'os_user', :'host', :'application', :'dbops_version', :'error_code', :'sqlstate', :'error')
