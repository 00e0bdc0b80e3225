-- Views.
SELECT 'view' AS kind, 'pg_class' AS class, c.oid, 'pg_namespace' AS parent_class, c.relnamespace AS parent,
    quote_ident(c.relname) AS name,
    quote_ident(pg_get_userbyid(c.relowner)) AS owner,
    pg_get_viewdef(c.oid) AS definition,
    (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) AS o) AS options
FROM pg_class AS c
WHERE c.relkind = 'v' AND c.oid >= 16384
