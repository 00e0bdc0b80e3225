-- Access methods.
SELECT 'access method' AS kind, 'pg_am' AS class, m.oid, quote_ident(m.amname) AS name,
    CASE m.amtype WHEN 't' THEN 'table' ELSE 'index' END AS type,
    m.amhandler::regprocedure AS handler
FROM pg_am AS m
WHERE m.oid >= 16384
