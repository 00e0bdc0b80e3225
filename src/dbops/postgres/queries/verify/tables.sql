-- The tables that rows can be written to, with what a row needs. PostgreSQL's own, those of extensions, partitions'
-- parents and those of the name 'without' are left out.
SELECT coalesce(json_agg(json_build_object(
    'oid', c.oid::bigint,
    'name', format('%I.%I', n.nspname, c.relname),
    'columns', (
        SELECT coalesce(json_agg(json_build_object(
            'name', a.attname,
            'number', a.attnum,
            'type', format_type(a.atttypid, a.atttypmod),
            'category', base.typcategory,
            'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = base.oid),
            'checks', (
                SELECT coalesce(json_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname), '[]') FROM pg_constraint AS k
                WHERE k.contype = 'c' AND (k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum]
                    OR k.contypid = t.oid AND t.typtype = 'd')
            ),
            -- The values that a partition has room for, where its parent's key is this column alone.
            'bound', (
                SELECT pg_get_expr(l.relpartbound, l.oid)
                FROM pg_partition_ancestors(c.oid) WITH ORDINALITY AS up (relid, step)
                JOIN pg_class AS l ON l.oid = up.relid AND l.relispartition
                JOIN pg_inherits AS h ON h.inhrelid = l.oid
                JOIN pg_partitioned_table AS p ON p.partrelid = h.inhparent AND p.partnatts = 1
                JOIN pg_attribute AS k ON k.attrelid = p.partrelid AND k.attnum = p.partattrs[0]
                WHERE k.attname = a.attname ORDER BY up.step LIMIT 1
            ),
            'given', a.attgenerated <> '' OR a.attidentity <> '',
            'references', (
                SELECT json_build_object('table', format('%I.%I', rn.nspname, rc.relname), 'column', ra.attname)
                FROM pg_constraint AS f
                JOIN pg_class AS rc ON rc.oid = f.confrelid
                JOIN pg_namespace AS rn ON rn.oid = rc.relnamespace
                JOIN pg_attribute AS ra ON ra.attrelid = f.confrelid
                    AND ra.attnum = f.confkey[array_position(f.conkey, a.attnum)]
                WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey)
                ORDER BY f.conname LIMIT 1
            )
        ) ORDER BY a.attnum), '[]')
        FROM pg_attribute AS a
        JOIN pg_type AS t ON t.oid = a.atttypid
        JOIN pg_type AS base ON base.oid = CASE t.typtype WHEN 'd' THEN (
            WITH RECURSIVE domains AS (
                SELECT t.typbasetype AS oid UNION ALL
                SELECT d.typbasetype FROM domains JOIN pg_type AS d ON d.oid = domains.oid WHERE d.typtype = 'd'
            )
            SELECT d.oid FROM domains AS d JOIN pg_type AS b ON b.oid = d.oid WHERE b.typtype <> 'd'
        ) ELSE t.oid END
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    )
) ORDER BY c.oid), '[]')
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND c.relname IS DISTINCT FROM :'without'
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
