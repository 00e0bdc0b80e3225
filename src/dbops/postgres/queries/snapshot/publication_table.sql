-- Tables of publications.
SELECT 'publication table' AS kind, 'pg_publication_rel' AS class, r.oid,
    'pg_publication' AS parent_class, r.prpubid AS parent,
    r.prrelid::regclass AS name,
    (
        SELECT array_agg(quote_ident(a.attname) ORDER BY a.attname) FROM pg_attribute AS a
        WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.columns)
    ) AS columns,
    pg_get_expr(r.filter, r.prrelid) AS filter
-- Columns and filters are new in 15: before, the names lead to the NULLs outside.
FROM (SELECT CAST(NULL AS int2vector) AS prattrs, CAST(NULL AS pg_node_tree) AS prqual) AS unknown
CROSS JOIN LATERAL (
    SELECT oid, prpubid, prrelid, prattrs::int2[] AS columns, prqual AS filter FROM pg_publication_rel
) AS r
WHERE r.oid >= 16384
