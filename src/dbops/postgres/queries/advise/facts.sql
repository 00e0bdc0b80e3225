-- What the planner goes by for some tables, their indexes, and what else decides whether an index can help, as one
-- document. :'tables' is a JSON array of [schema, name], :'functions' one of names. Readable by any role; statistics
-- are there of what the role may read, without any value out of the rows.
--
-- A partitioned table has the rows and pages of its leaves, and its own statistics or else those of its largest leaf.
SELECT set_config('statement_timeout', :'statement_timeout', true), set_config('lock_timeout', :'lock_timeout', true);
WITH asked AS MATERIALIZED (
    SELECT c.oid, c.relkind, n.nspname, c.relname
    FROM json_array_elements(:'tables') AS t
    JOIN pg_namespace AS n ON n.nspname = t ->> 0
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t ->> 1
    WHERE c.relkind IN ('r', 'p', 'm')
),
leaves AS MATERIALIZED (
    SELECT a.oid AS root, c.oid, n.nspname, c.relname, c.relpages, c.relallvisible,
        -- Before 14, a table that nobody counted yet says 0.
        CASE WHEN c.reltuples >= 0 AND (c.relpages > 0 OR current_setting('server_version_num')::int4 >= 140000)
            THEN c.reltuples END AS tuples
    FROM asked AS a
    CROSS JOIN LATERAL (
        SELECT relid FROM pg_partition_tree(a.oid) WHERE a.relkind = 'p' AND isleaf
        UNION ALL SELECT a.oid WHERE a.relkind <> 'p'
    ) AS l (relid)
    JOIN pg_class AS c ON c.oid = l.relid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
),
measured AS MATERIALIZED (
    SELECT a.oid AS root, 0 AS place, s.*
    FROM asked AS a
    JOIN pg_stats AS s ON s.schemaname = a.nspname AND s.tablename = a.relname AND s.inherited = (a.relkind = 'p')
    UNION ALL
    SELECT l.root, row_number() OVER (PARTITION BY l.root, s.attname ORDER BY l.relpages DESC, l.oid), s.*
    FROM leaves AS l
    JOIN pg_stats AS s ON s.schemaname = l.nspname AND s.tablename = l.relname AND NOT s.inherited
    WHERE l.oid <> l.root
),
known AS MATERIALIZED (
    SELECT DISTINCT ON (root, attname) root, attname, null_frac, avg_width, n_distinct, correlation,
        most_common_freqs[1] AS most_common
    FROM measured ORDER BY root, attname, place
)
SELECT json_build_object(
    'settings', (
        SELECT json_object_agg(name, setting) FROM pg_settings
        WHERE name IN ('seq_page_cost', 'random_page_cost', 'cpu_tuple_cost', 'cpu_index_tuple_cost',
            'cpu_operator_cost', 'effective_cache_size', 'block_size')
    ),
    'functions', (
        SELECT coalesce(json_object_agg(f.name, f.kept), '{}') FROM (
            SELECT p.proname AS name, CASE WHEN bool_or(p.provolatile = 'v') THEN 'volatile'
                -- What is called like a type may be a cast, of which pg_proc knows nothing.
                WHEN bool_and(p.provolatile = 'i' AND p.prokind = 'f' AND NOT p.proretset)
                    AND NOT EXISTS (SELECT FROM pg_type WHERE typname = p.proname) THEN 'immutable'
                ELSE 'stable' END AS kept
            FROM pg_proc AS p
            WHERE p.proname IN (SELECT json_array_elements_text(:'functions'))
            GROUP BY p.proname
        ) AS f
    ),
    'extensions', (
        SELECT coalesce(json_agg(json_build_object(
            'name', v.name,
            'installed', e.extversion,
            'schema', CASE WHEN e.oid IS NOT NULL THEN n.nspname END,
            'visible', n.nspname = ANY (current_schemas(false))
        )), '[]')
        FROM pg_available_extensions AS v
        LEFT JOIN pg_extension AS e ON e.extname = v.name
        LEFT JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE v.name IN ('hypopg', 'pg_trgm')
    ),
    'tables', (SELECT coalesce(json_agg(json_build_object(
        'schema', a.nspname,
        'name', a.relname,
        'leaves', (
            SELECT coalesce(json_agg(json_build_object(
                'schema', l.nspname,
                'name', l.relname,
                'rows', l.tuples,
                'pages', CASE WHEN l.tuples IS NOT NULL THEN l.relpages END,
                'visible', CASE WHEN l.relpages > 0 THEN least(l.relallvisible::float8 / l.relpages, 1) END
            ) ORDER BY l.relpages DESC), '[]')
            FROM leaves AS l WHERE l.root = a.oid
        ),
        'columns', (
            SELECT coalesce(json_agg(json_build_object(
                'name', c.attname,
                'width', m.avg_width,
                'nulls', m.null_frac,
                'distinct', m.n_distinct,
                'correlation', m.correlation,
                'most_common', m.most_common,
                'plain_order', CASE WHEN c.attcollation <> 0 THEN
                    o.collname IN ('C', 'POSIX', 'ucs_basic') OR o.collname = 'default' AND (
                        d.datcollate IN ('C', 'POSIX') AND coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c'
                        OR to_jsonb(d) ->> 'datlocprovider' = 'b'
                    )
                END
            )), '[]')
            FROM pg_attribute AS c
            JOIN pg_database AS d ON d.datname = current_database()
            LEFT JOIN pg_collation AS o ON o.oid = c.attcollation
            LEFT JOIN known AS m ON m.root = a.oid AND m.attname = c.attname
            WHERE c.attrelid = a.oid AND c.attnum > 0 AND NOT c.attisdropped
        ),
        'indexes', (
            SELECT coalesce(json_agg(json_build_object(
                'name', i.relname,
                'method', m.amname,
                'keys', (
                    SELECT json_agg(json_build_object(
                        'column', c.attname,
                        'expression', CASE WHEN c.attname IS NULL
                            THEN pg_get_indexdef(x.indexrelid, k.place::int4, true) END,
                        'opclass', CASE WHEN NOT o.opcdefault THEN o.opcname END,
                        'descending', x.indoption[k.place - 1] & 1 = 1,
                        'nulls_first', x.indoption[k.place - 1] & 2 = 2,
                        'collated', x.indcollation[k.place - 1] <> 0 AND c.attcollation IS NOT NULL
                            AND x.indcollation[k.place - 1] <> c.attcollation
                    ) ORDER BY k.place)
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                    JOIN pg_opclass AS o ON o.oid = x.indclass[k.place - 1]
                    LEFT JOIN pg_attribute AS c ON c.attrelid = a.oid AND c.attnum = k.attnum AND k.attnum <> 0
                    WHERE k.place <= x.indnkeyatts
                ),
                'include', (
                    SELECT coalesce(json_agg(c.attname ORDER BY k.place), '[]')
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                    JOIN pg_attribute AS c ON c.attrelid = a.oid AND c.attnum = k.attnum
                    WHERE k.place > x.indnkeyatts
                ),
                'predicate', pg_get_expr(x.indpred, x.indrelid, true),
                'unique', x.indisunique,
                'needed', x.indisreplident OR x.indisclustered OR EXISTS (
                    SELECT FROM pg_constraint AS k WHERE k.conindid = x.indexrelid),
                'valid', x.indisvalid
            ) ORDER BY x.indexrelid), '[]')
            FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_am AS m ON m.oid = i.relam
            WHERE x.indrelid = a.oid AND x.indislive
        )
    )), '[]') FROM asked AS a)
)
