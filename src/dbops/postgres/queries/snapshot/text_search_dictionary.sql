-- Dictionaries of text search.
SELECT 'text search dictionary' AS kind, 'pg_ts_dict' AS class, d.oid,
    'pg_namespace' AS parent_class, d.dictnamespace AS parent, quote_ident(d.dictname) AS name,
    quote_ident(pg_get_userbyid(d.dictowner)) AS owner,
    t.tmplnamespace::regnamespace || '.' || quote_ident(t.tmplname) AS template,
    d.dictinitoption AS options
FROM pg_ts_dict AS d JOIN pg_ts_template AS t ON t.oid = d.dicttemplate
WHERE d.oid >= 16384
