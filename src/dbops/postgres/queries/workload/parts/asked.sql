-- What each of the names ``relations`` means here, NULL for nothing.
asked AS (
    -- to_regclass() refuses names in a schema that the role may not use
    SELECT name, CASE WHEN cardinality(part) = 1 THEN to_regclass(name)::oid ELSE c.oid END AS oid
    FROM json_array_elements_text(:'relations'::json) AS name
    CROSS JOIN parse_ident(name) AS part
    LEFT JOIN pg_namespace AS n ON n.nspname = part[1]
    LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = part[2]
)
