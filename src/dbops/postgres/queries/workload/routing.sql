-- What stands against asking a standby: volatile functions among these names [[schema or null, name], …], and relations
-- among these names, or below them (what views read, partitions), that have no rows there; and how often what is read has been written so far.
WITH /* dbops */ RECURSIVE asked AS (
    SELECT name, to_regclass(name) AS oid FROM json_array_elements_text(:'relations'::json) AS name
),
below AS (
    SELECT name, oid::oid AS oid FROM asked WHERE oid IS NOT NULL
    UNION
    SELECT b.name, inner_one.oid
    FROM below AS b
    CROSS JOIN LATERAL (
        SELECT d.refobjid AS oid
        FROM pg_rewrite AS r
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> b.oid
        WHERE r.ev_class = b.oid
        UNION ALL
        SELECT i.inhrelid FROM pg_inherits AS i WHERE i.inhparent = b.oid
    ) AS inner_one
)
SELECT json_build_object(
    'functions', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(
            w.value ->> 0, w.value ->> 1, n.nspname, l.lanname IN ('c', 'internal')
        )::text), '[]')
        FROM json_array_elements(:'functions'::json) AS w
        JOIN pg_proc AS p ON p.proname = w.value ->> 1
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        JOIN pg_language AS l ON l.oid = p.prolang
        WHERE p.provolatile = 'v'
            AND (n.nspname = w.value ->> 0 OR w.value ->> 0 IS NULL AND pg_function_is_visible(p.oid))
    ),
    'absent', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(b.name, c.relname, c.relpersistence)::text), '[]')
        FROM below AS b JOIN pg_class AS c ON c.oid = b.oid
        WHERE c.relpersistence <> 'p'
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
