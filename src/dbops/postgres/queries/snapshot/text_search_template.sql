-- Templates of text search dictionaries.
SELECT 'text search template' AS kind, 'pg_ts_template' AS class, t.oid,
    'pg_namespace' AS parent_class, t.tmplnamespace AS parent, quote_ident(t.tmplname) AS name,
    nullif(t.tmplinit::oid, 0)::regprocedure AS init,
    t.tmpllexize::regprocedure AS lexize
FROM pg_ts_template AS t
WHERE t.oid >= 16384
