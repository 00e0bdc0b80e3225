-- What stands against asking a standby: volatile functions among these names [[schema or null, name], …], an aggregate's
-- own included, and those that operators and casts call; and relations among these names, or below them (what views
-- read, partitions), that have no rows there, or other ones; and how often what is read has been written so far.
WITH /* dbops */ RECURSIVE
\ir parts/below.sql
SELECT json_build_object(
    'functions', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(
            w.value ->> 0, w.value ->> 1, n.nspname, l.lanname IN ('c', 'internal')
        )::text), '[]')
        FROM json_array_elements(:'functions'::json) AS w
        JOIN pg_proc AS p ON p.proname = w.value ->> 1
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
        JOIN pg_proc AS f ON f.oid IN (p.oid, a.aggtransfn, a.aggfinalfn)
        JOIN pg_language AS l ON l.oid = f.prolang
        WHERE f.provolatile = 'v'
            AND (n.nspname = w.value ->> 0 OR w.value ->> 0 IS NULL AND pg_function_is_visible(p.oid))
    ),
    'nowhere', (
        SELECT coalesce(json_agg(w.value), '[]')
        FROM json_array_elements(:'functions'::json) AS w
        WHERE coalesce(w.value ->> 0, '') <> 'pg_catalog' AND NOT EXISTS (
            SELECT 1 FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE p.proname = w.value ->> 1
                AND (n.nspname = w.value ->> 0 OR w.value ->> 0 IS NULL AND pg_function_is_visible(p.oid))
        )
    ),
    'implicit', (
        SELECT coalesce(json_agg(json_build_array(by.name, p.oid::regproc::text)), '[]')
        FROM (
            SELECT o.oprname::text AS name, o.oprcode::oid AS function FROM pg_operator AS o
            WHERE NOT EXISTS (
                SELECT 1 FROM pg_operator AS s
                WHERE s.oprname = o.oprname AND s.oprnamespace = 'pg_catalog'::regnamespace
            )
            UNION ALL
            SELECT t.typname, c.castfunc FROM pg_cast AS c JOIN pg_type AS t ON t.oid = c.casttarget
            UNION ALL
            SELECT t.typname, d.refobjid
            FROM pg_constraint AS c
            JOIN pg_type AS t ON t.oid = c.contypid
            JOIN pg_depend AS d ON d.classid = 'pg_constraint'::regclass AND d.objid = c.oid
                AND d.refclassid = 'pg_proc'::regclass
        ) AS by
        JOIN pg_proc AS p ON p.oid = by.function
        JOIN pg_language AS l ON l.oid = p.prolang
        WHERE p.provolatile = 'v' AND l.lanname NOT IN ('c', 'internal')
    ),
    'absent', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(
            b.name, c.relname, CASE WHEN c.relkind = 'S' THEN 'S' ELSE c.relpersistence END
        )::text), '[]')
        FROM below AS b JOIN pg_class AS c ON c.oid = b.oid
        WHERE c.relpersistence <> 'p' OR c.relkind = 'S'
    ),
    'below', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(b.name, c.relname)::text), '[]')
        FROM below AS b JOIN pg_class AS c ON c.oid = b.oid
        WHERE c.relkind IN ('r', 'p', 'f', 'm')
    ),
    'unknown', (SELECT coalesce(json_agg(name), '[]') FROM asked WHERE oid IS NULL),
    'tables', (
        SELECT coalesce(json_agg(json_build_array(
            b.name, s.relid::int8, s.n_tup_ins + s.n_tup_upd + s.n_tup_del
        )), '[]')
        FROM below AS b JOIN pg_stat_user_tables AS s ON s.relid = b.oid
    )
)
