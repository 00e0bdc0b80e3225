-- Where pg_stat_statements is installed in this database, null where it isn't.
SELECT to_json(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
