-- What this transaction has locked beside PostgreSQL's own relations, and what those need to exist: after an EXPLAIN
-- that is all the query reads, through views, inherited tables and functions that were inlined, and the partitions
-- that were not pruned. 'read' says that its rows are read; the others are needed for their definitions only.
SET LOCAL search_path = '';
WITH RECURSIVE locked AS MATERIALIZED (
    SELECT DISTINCT l.relation AS oid FROM pg_locks AS l
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384  -- FirstNormalObjectId
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
needed (oid) AS (
    SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND oid IN (SELECT oid FROM locked)
    UNION
    SELECT more.oid FROM needed AS n CROSS JOIN LATERAL (
        SELECT i.inhparent AS oid FROM pg_inherits AS i WHERE i.inhrelid = n.oid
        UNION ALL  -- sequences in defaults
        SELECT d.refobjid FROM pg_attrdef AS a
        JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid
        JOIN pg_class AS s ON d.refclassid = 'pg_class'::regclass AND s.oid = d.refobjid AND s.relkind = 'S'
        WHERE a.adrelid = n.oid
        UNION ALL  -- tables whose rows a column holds
        SELECT r.oid FROM pg_attribute AS a
        JOIN pg_type AS t ON t.oid = a.atttypid
        JOIN pg_class AS r ON r.reltype IN (t.oid, t.typelem, t.typbasetype) AND r.reltype <> 0 AND r.relkind <> 'c'
        WHERE a.attrelid = n.oid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS more
)
SELECT json_agg(json_build_object(
    'schema', s.nspname,
    'name', c.relname,
    'kind', c.relkind,
    'read', c.oid IN (SELECT oid FROM locked),
    'bytes', CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END,
    'readable', has_table_privilege(c.oid, 'SELECT'),
    'hidden', c.relkind IN ('r', 'p') AND row_security_active(c.oid),
    'temporary', c.relpersistence = 't',
    'extension', (SELECT e.extname FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass
          AND d.deptype = 'e'),
    'omitted', (SELECT count(*) FROM pg_inherits AS i
        WHERE i.inhparent = c.oid AND i.inhrelid NOT IN (SELECT oid FROM needed)),
    'collated', EXISTS (SELECT FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation = 100),  -- "default"
    -- COPY's binary format holds no OIDs of types that are made by users, and so of none that differ elsewhere: their
    -- arrays and composites are sent with them, and reg… are OIDs themselves.
    'binary', NOT EXISTS (SELECT FROM pg_attribute AS a
        JOIN pg_type AS t ON t.oid = a.atttypid
        JOIN pg_type AS b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND b.typtype <> 'e'
          AND (b.typtype <> 'b' OR b.oid >= 16384 OR b.typsend = 0 OR b.typreceive = 0 OR b.typname ~ '^_?reg')),
    -- pg_dump leaves these out where it is asked for single tables.
    'statistics', (SELECT coalesce(json_agg(json_build_object(
            'name', x.stxname,
            'schema', n.nspname,
            'definition', pg_get_statisticsobjdef(x.oid),
            'target', nullif((to_jsonb(x) ->> 'stxstattarget')::int4, -1)
        ) ORDER BY x.oid), '[]')
        FROM pg_statistic_ext AS x JOIN pg_namespace AS n ON n.oid = x.stxnamespace
        WHERE x.stxrelid = c.oid),
    'columns', (SELECT coalesce(json_agg(json_build_object(
            'name', a.attname,
            'type', format_type(a.atttypid, a.atttypmod),
            'collation', (SELECT json_build_array(n.nspname, o.collname) FROM pg_collation AS o
                JOIN pg_namespace AS n ON n.oid = o.collnamespace
                WHERE o.oid = a.attcollation AND a.attcollation <> 100)
        ) ORDER BY a.attnum), '[]')
        FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
) ORDER BY c.oid)
FROM pg_class AS c JOIN pg_namespace AS s ON s.oid = c.relnamespace
WHERE c.oid IN (SELECT oid FROM needed)
