-- The role that owns the history's table, by which owners are told from strangers.
SELECT to_json(pg_get_userbyid(c.relowner)) FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = :'schema' AND c.relname = 'schema_migrations'
