SELECT coalesce(json_agg(json_build_object(
        'hash', migration_hash, 'id', migration_id, 'applied_at', to_char(applied_at_utc, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) ORDER BY applied_at_utc, migration_id), '[]')
FROM :"schema".:"table"
