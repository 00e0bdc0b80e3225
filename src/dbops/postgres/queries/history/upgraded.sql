INSERT INTO :"schema".history_version (version, dbops_version) VALUES (:'version', :'dbops_version')
