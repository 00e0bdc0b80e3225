-- Which of these names [[schema or null, name], …] are functions that may read tables: whose, no text tells; and
-- whether the text of one has a word for who asks.
SELECT /* dbops */ coalesce(json_agg(json_build_array(schema, name, asks)), '[]')
FROM (
    SELECT w.value ->> 0 AS schema, w.value ->> 1 AS name, bool_or(pg_get_functiondef(p.oid) ~* :'words') AS asks
    FROM json_array_elements(:'functions'::json) AS w
    JOIN pg_proc AS p ON p.proname = w.value ->> 1
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    JOIN pg_language AS l ON l.oid = p.prolang
    WHERE
        CASE WHEN n.nspname IN ('pg_catalog', 'information_schema')
            THEN p.proname ~ '^(query|cursor|table|schema|database)_to_xml|^ts_(stat|rewrite)$'  -- they run what they are told
            ELSE p.provolatile = 's' AND l.lanname NOT IN ('c', 'internal')
        END
        AND (n.nspname = w.value ->> 0 OR w.value ->> 0 IS NULL AND pg_function_is_visible(p.oid))
    GROUP BY 1, 2
) AS opaque
