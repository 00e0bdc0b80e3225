-- The definitions of the views among these names, and of the views below them. What they call is known from their text:
-- pg_depend has nothing of PostgreSQL's own functions.
WITH /* dbops */ RECURSIVE
\ir parts/below.sql
SELECT coalesce(json_agg(json_build_array(b.name, pg_get_viewdef(c.oid))), '[]')
FROM below AS b JOIN pg_class AS c ON c.oid = b.oid AND c.relkind = 'v'
