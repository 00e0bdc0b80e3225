-- Extensions; their members are left out.
SELECT 'extension' AS kind, 'pg_extension' AS class, e.oid, quote_ident(e.extname) AS name,
    quote_ident(pg_get_userbyid(e.extowner)) AS owner,
    e.extnamespace::regnamespace AS schema,
    e.extversion AS version
FROM pg_extension AS e
