-- The schemas in which migrations may be run, PostgreSQL's own left out.
SELECT coalesce(json_agg(nspname ORDER BY nspname), '[]')
FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
