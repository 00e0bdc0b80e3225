SELECT coalesce(json_agg(json_build_object(
        'version', version, 'applied_at', to_char(run_on::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) ORDER BY run_on, version), '[]')
FROM :"schema".:"table"
