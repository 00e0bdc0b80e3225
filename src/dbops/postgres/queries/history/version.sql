SELECT json_build_object('version', max(version), 'dbops_version', max(dbops_version)) FROM :"schema".history_version
