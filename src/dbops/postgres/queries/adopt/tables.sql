-- Tables with the names that version tables have, wherever they are, and whether the role may read them.
SELECT coalesce(json_agg(json_build_object(
        'schema', n.nspname, 'name', c.relname,
        'columns', (SELECT json_agg(attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
        'on_path', n.nspname = ANY (current_schemas(false)),
        'readable', has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    ) ORDER BY n.nspname, c.relname), '[]')
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND c.relname::text IN (SELECT json_array_elements_text(:'names'))
