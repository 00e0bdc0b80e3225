-- Relations that Alembic's comparison would get wrong: members of extensions, partitioned tables and their partitions,
-- children of other tables, foreign tables. A JSON array of {schema, name, why}; schema is null for the current one.
SELECT coalesce(json_agg(json_build_object(
           'schema', nullif(n.nspname, pg_catalog.current_schema()),
           'name', c.relname,
           'why', CASE
               WHEN x.objid IS NOT NULL THEN 'extension'
               WHEN c.relkind = 'f' THEN 'foreign table'
               WHEN c.relispartition THEN 'partition'
               WHEN c.relkind = 'p' THEN 'partitioned table'
               ELSE 'inherits'
           END)), '[]')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend x ON x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = c.oid
    AND x.deptype = 'e'
WHERE c.relkind IN ('r', 'p', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
  AND (x.objid IS NOT NULL OR c.relispartition OR c.relkind IN ('p', 'f')
       OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid))
