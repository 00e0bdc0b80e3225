-- Conversions.
SELECT 'conversion' AS kind, 'pg_conversion' AS class, c.oid,
    'pg_namespace' AS parent_class, c.connamespace AS parent, quote_ident(c.conname) AS name,
    quote_ident(pg_get_userbyid(c.conowner)) AS owner,
    pg_encoding_to_char(c.conforencoding) AS source,
    pg_encoding_to_char(c.contoencoding) AS target,
    c.conproc::regproc AS function,
    c.condefault AS default
FROM pg_conversion AS c
WHERE c.oid >= 16384
