-- Parsers of text search.
SELECT 'text search parser' AS kind, 'pg_ts_parser' AS class, p.oid,
    'pg_namespace' AS parent_class, p.prsnamespace AS parent, quote_ident(p.prsname) AS name,
    p.prsstart::regprocedure AS start,
    p.prstoken::regprocedure AS token,
    p.prsend::regprocedure AS end,
    nullif(p.prsheadline::oid, 0)::regprocedure AS headline,
    p.prslextype::regprocedure AS lexeme_types
FROM pg_ts_parser AS p
WHERE p.oid >= 16384
