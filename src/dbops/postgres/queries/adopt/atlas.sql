-- The row whose version begins with a dot is the table's own.
SELECT coalesce(json_agg(json_build_object(
        'version', version, 'name', description, 'type', type, 'done', applied, 'total', total, 'error', error,
        'applied_at', to_char(executed_at::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) ORDER BY executed_at, version), '[]')
FROM :"schema".:"table" WHERE version NOT LIKE '.%'
