-- Tables of publications. Columns and row filters are new in 15.
SELECT 'publication table' AS kind, 'pg_publication_rel' AS class, r.oid,
    'pg_publication' AS parent_class, r.prpubid AS parent,
    r.prrelid::regclass AS name,
    (
        SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_attribute AS a
        WHERE a.attrelid = r.prrelid AND a.attnum = ANY (string_to_array(j ->> 'prattrs', ' ')::int2[])
    ) AS columns,
    pg_get_expr((j ->> 'prqual')::pg_node_tree, r.prrelid) AS filter
FROM pg_publication_rel AS r CROSS JOIN LATERAL to_jsonb(r) AS j
WHERE r.oid >= 16384
