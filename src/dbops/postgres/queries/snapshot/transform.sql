-- Transforms.
SELECT 'transform' AS kind, 'pg_transform' AS class, t.oid,
    'FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname) AS name,
    nullif(t.trffromsql::oid, 0)::regprocedure AS from_sql,
    nullif(t.trftosql::oid, 0)::regprocedure AS to_sql
FROM pg_transform AS t JOIN pg_language AS l ON l.oid = t.trflang
WHERE t.oid >= 16384
