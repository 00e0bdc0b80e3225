-- Alembic's version table as the session finds it: its schema and name, or null.
SELECT json_build_object('schema', n.nspname, 'table', c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass(:'quoted')
