-- The databases of the server that take connections, templates left out.
SELECT coalesce(json_agg(datname ORDER BY datname), '[]')
FROM pg_database
WHERE datallowconn AND NOT datistemplate
