SELECT coalesce(json_agg(json_build_object(
        'version', version, 'name', description, 'type', type, 'script', script, 'checksum', checksum,
        'success', success, 'applied_at', to_char(installed_on::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) ORDER BY installed_rank), '[]')
FROM :"schema".:"table"
