-- What running a statement may do that a rollback does not undo: volatile functions among these names
-- [[schema or null, name], …], and the triggers and sequences of tables it writes [[schema, table, operation], …].
SELECT json_build_object(
    'functions', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(n.nspname, p.proname)::text), '[]')
        FROM json_array_elements(:'functions'::json) AS w
        JOIN pg_proc AS p ON p.proname = w.value ->> 1
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.provolatile = 'v'
          AND (n.nspname = w.value ->> 0 OR w.value ->> 0 IS NULL AND pg_function_is_visible(p.oid))
    ),
    'triggers', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(n.nspname, c.relname, t.tgname)::text), '[]')
        FROM json_array_elements(:'written'::json) AS w
        JOIN pg_namespace AS n ON n.nspname = w.value ->> 0
        JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.value ->> 1
        JOIN pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
        WHERE CASE w.value ->> 2 WHEN 'Insert' THEN t.tgtype & 4 WHEN 'Delete' THEN t.tgtype & 8
            WHEN 'Update' THEN t.tgtype & 16 ELSE t.tgtype & 28 END > 0
    ),
    'sequences', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(sn.nspname, s.relname)::text), '[]')
        FROM json_array_elements(:'written'::json) AS w
        JOIN pg_namespace AS n ON n.nspname = w.value ->> 0
        JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.value ->> 1
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND (a.attidentity <> '' OR a.atthasdef)
        JOIN pg_depend AS d ON d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.classid = 'pg_class'::regclass
            AND d.deptype IN ('a', 'i')
        JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_namespace AS sn ON sn.oid = s.relnamespace
        WHERE w.value ->> 2 IN ('Insert', 'Merge')
    )
)
