-- Foreign servers.
SELECT 'server' AS kind, 'pg_foreign_server' AS class, s.oid, quote_ident(s.srvname) AS name,
    quote_ident(pg_get_userbyid(s.srvowner)) AS owner,
    w.fdwname AS wrapper,
    s.srvtype AS type,
    s.srvversion AS version,
    (SELECT array_agg(o ORDER BY o) FROM unnest(s.srvoptions) AS o) AS options
FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
WHERE s.oid >= 16384
