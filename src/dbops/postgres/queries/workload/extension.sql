-- pg_stat_statements in this database: where and which version, null where it isn't installed.
SELECT /* dbops */ json_build_object('schema', n.nspname, 'version', e.extversion)
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
