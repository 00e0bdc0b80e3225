-- Unlogged tables of the connected database, prepared transactions of all. Readable by any role.
SELECT json_build_object(
    'unlogged', (SELECT count(*) FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'm')),
    'prepared', (SELECT count(*) FROM pg_prepared_xacts)
)
