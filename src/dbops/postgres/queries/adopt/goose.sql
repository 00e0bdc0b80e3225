-- Times are without a zone: they are the clock's of the server, and so of the sessions that wrote them by default.
SELECT coalesce(json_agg(json_build_object(
        'version', version_id::text, 'applied', is_applied,
        'applied_at', to_char(tstamp::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) ORDER BY id), '[]')
FROM :"schema".:"table"
