-- The definitions of the views among these names, and of the views below them. What they call is known from their text:
-- pg_depend has nothing of PostgreSQL's own functions.
WITH /* dbops */ RECURSIVE asked AS (
    -- to_regclass() refuses names in a schema that the role may not use
    SELECT name, CASE WHEN cardinality(part) = 1 THEN to_regclass(name)::oid ELSE c.oid END AS oid
    FROM json_array_elements_text(:'relations'::json) AS name
    CROSS JOIN parse_ident(name) AS part
    LEFT JOIN pg_namespace AS n ON n.nspname = part[1]
    LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = part[2]
),
below AS (
    SELECT name, oid FROM asked WHERE oid IS NOT NULL
    UNION
    SELECT b.name, d.refobjid
    FROM below AS b
    JOIN pg_class AS v ON v.oid = b.oid AND v.relkind = 'v'  -- a materialized view calls nothing when it is read
    JOIN pg_rewrite AS r ON r.ev_class = b.oid
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> b.oid
)
SELECT coalesce(json_agg(json_build_array(b.name, pg_get_viewdef(c.oid))), '[]')
FROM below AS b JOIN pg_class AS c ON c.oid = b.oid AND c.relkind = 'v'
