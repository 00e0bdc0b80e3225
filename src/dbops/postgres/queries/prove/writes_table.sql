-- The table that rows of this one go to: itself, or its largest partition.
SELECT json_build_object(
    'schema', s.nspname,
    'name', c.relname,
    'columns', (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
)
FROM pg_class AS c JOIN pg_namespace AS s ON s.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.oid IN (
    SELECT relid FROM pg_partition_tree(:'table'::regclass) UNION ALL SELECT :'table'::regclass)
ORDER BY pg_relation_size(c.oid) DESC LIMIT 1
