SELECT coalesce(json_agg(json_build_object(
        'name', change, 'project', project, 'checksum', script_hash,
        'applied_at', to_char(committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) ORDER BY committed_at, planned_at), '[]')
FROM :"schema".:"table"
