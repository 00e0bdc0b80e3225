-- Foreign data wrappers.
SELECT 'foreign data wrapper' AS kind, 'pg_foreign_data_wrapper' AS class, w.oid, quote_ident(w.fdwname) AS name,
    quote_ident(pg_get_userbyid(w.fdwowner)) AS owner,
    nullif(w.fdwhandler, 0)::regprocedure AS handler,
    nullif(w.fdwvalidator, 0)::regprocedure AS validator,
    (SELECT array_agg(o ORDER BY o) FROM unnest(w.fdwoptions) AS o) AS options
FROM pg_foreign_data_wrapper AS w
WHERE w.oid >= 16384
