-- Materialized views.
SELECT 'materialized view' AS kind, 'pg_class' AS class, c.oid,
    'pg_namespace' AS parent_class, c.relnamespace AS parent, quote_ident(c.relname) AS name,
    quote_ident(pg_get_userbyid(c.relowner)) AS owner,
    pg_get_viewdef(c.oid) AS definition,
    c.relispopulated AS populated,
    m.amname AS access_method,
    s.spcname AS tablespace,
    (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) AS o) AS options,
    (SELECT array_agg(o ORDER BY o) FROM unnest(t.reloptions) AS o) AS toast_options
FROM pg_class AS c
LEFT JOIN pg_am AS m ON m.oid = c.relam
LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
WHERE c.relkind = 'm' AND c.oid >= 16384
