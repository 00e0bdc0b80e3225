-- The roles of the server, PostgreSQL's own left out.
SELECT coalesce(json_agg(rolname), '[]') FROM pg_roles WHERE rolname !~ '^pg_'
