SELECT json_build_object(
    'version', max(version), 'dbops_version', (array_agg(dbops_version ORDER BY version DESC))[1]
) FROM :"schema".history_version
