-- Which of these names [[schema or null, name], …] are functions of one's own that may read tables: whose, no text tells.
SELECT /* dbops */ coalesce(json_agg(DISTINCT json_build_array(w.value ->> 0, w.value ->> 1)::text), '[]')
FROM json_array_elements(:'functions'::json) AS w
JOIN pg_proc AS p ON p.proname = w.value ->> 1
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.provolatile = 's' AND l.lanname NOT IN ('c', 'internal') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND (n.nspname = w.value ->> 0 OR w.value ->> 0 IS NULL AND pg_function_is_visible(p.oid))
