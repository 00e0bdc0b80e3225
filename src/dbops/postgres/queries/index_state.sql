-- The index of that name in the schema of its table (or on the search_path, without a table).
SELECT json_build_object(
    'valid', x.indisvalid AND x.indisready,
    'name', quote_ident(n.nspname) || '.' || quote_ident(i.relname),
    'builder', (
        SELECT p.pid FROM pg_stat_progress_create_index AS p
        WHERE p.index_relid = i.oid
           -- Of another role's build we may see only that there is one, and its lock on the table.
           OR (p.index_relid IS NULL AND p.datname = current_database() AND EXISTS (
                SELECT FROM pg_locks AS l
                WHERE l.pid = p.pid AND l.database = p.datid AND l.relation = x.indrelid
                  AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted))
        LIMIT 1
    )
)
FROM pg_class AS i
JOIN pg_index AS x ON x.indexrelid = i.oid
JOIN pg_namespace AS n ON n.oid = i.relnamespace
WHERE CASE WHEN :'table'::text IS NULL THEN i.oid = to_regclass(:'index')
           ELSE i.relname = :'name' AND i.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(:'table'))
      END
