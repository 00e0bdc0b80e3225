-- All tables, views and user-defined types outside of PostgreSQL's own schemas, as one document. Readable by any role.
--
-- pg_total_relation_size, and since 17 what spells expressions, opens the table: it would wait for a lock such as a
-- migration holds or waits for. Of a table that is locked so (all of them with 'careful'), bytes are then those that
-- VACUUM or ANALYZE counted last, and expressions stay unspelt.
SELECT set_config('statement_timeout', :'statement_timeout', true), set_config('lock_timeout', :'lock_timeout', true);
WITH schemas AS MATERIALIZED (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
),
relations AS MATERIALIZED (
    SELECT c.*, s.nspname FROM pg_class AS c JOIN schemas AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
),
locked AS MATERIALIZED (
    SELECT relation FROM pg_locks
    WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL AND pid IS DISTINCT FROM pg_backend_pid()
),
busy AS MATERIALIZED (
    SELECT oid FROM relations WHERE :'careful'
    UNION SELECT relation FROM locked
    UNION SELECT indrelid FROM pg_index WHERE indexrelid IN (SELECT relation FROM locked)
    UNION SELECT c.oid FROM relations AS c LEFT JOIN pg_index AS i ON i.indrelid = c.reltoastrelid
        WHERE c.reltoastrelid IN (SELECT relation FROM locked) OR i.indexrelid IN (SELECT relation FROM locked)
)
SELECT json_build_object(
    'search_path', to_json(current_schemas(false)),
    'types', (
        SELECT coalesce(json_agg(json_build_object('schema', s.nspname, 'name', t.typname, 'kind', CASE t.typtype
            WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' ELSE 'range' END)), '[]')
        FROM pg_type AS t JOIN schemas AS s ON s.oid = t.typnamespace
        WHERE t.typtype IN ('d', 'e', 'r')
           OR t.typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c'
    ),
    'tables', (SELECT coalesce(json_agg(json_build_object(
        'schema', c.nspname,
        'name', c.relname,
        'kind', CASE WHEN c.relkind = 'r' AND c.relispartition THEN 'partition' ELSE CASE c.relkind WHEN 'r' THEN 'table'
            WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'view' WHEN 'm' THEN 'matview' ELSE 'foreign' END END,
        -- Before 14, a table that nobody counted yet says 0.
        'rows', CASE WHEN c.relkind IN ('r', 'm') AND c.reltuples >= 0 AND (c.relpages > 0 OR :'version' >= 140000) THEN c.reltuples END,
        'bytes', CASE WHEN c.relkind NOT IN ('r', 'm') THEN NULL
            WHEN b.oid IS NULL THEN pg_total_relation_size(c.oid) ELSE (
                SELECT nullif(sum(p.relpages::int8), 0) * current_setting('block_size')::int8 FROM pg_class AS p
                WHERE p.oid IN (c.oid, c.reltoastrelid)
                   OR p.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN (c.oid, c.reltoastrelid))
            ) END,
        'parents', (
            SELECT coalesce(json_agg(json_build_array(n.nspname, p.relname) ORDER BY h.inhseqno), '[]')
            FROM pg_inherits AS h JOIN pg_class AS p ON p.oid = h.inhparent
            JOIN pg_namespace AS n ON n.oid = p.relnamespace
            WHERE h.inhrelid = c.oid
        ),
        'columns', (
            SELECT coalesce(json_agg(json_build_object(
                'name', a.attname,
                'type', format_type(a.atttypid, a.atttypmod),
                'not_null', a.attnotnull,
                'default', CASE WHEN a.atthasdef AND a.attgenerated = '' THEN coalesce((
                    SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d
                    WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND b.oid IS NULL), '') END,
                'identity', a.attidentity <> '',
                'generated', a.attgenerated <> ''
            ) ORDER BY a.attnum), '[]')
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ),
        'indexes', (
            SELECT coalesce(json_agg(json_build_object(
                'name', i.relname,
                'method', m.amname,
                'columns', (
                    SELECT json_agg(a.attname ORDER BY k.place)
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                    LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum <> 0
                ),
                'key_columns', x.indnkeyatts,
                'expressions', (
                    SELECT coalesce(json_agg(coalesce(
                        CASE WHEN b.oid IS NULL THEN pg_get_indexdef(x.indexrelid, k.place::int4, true) END, ''
                    ) ORDER BY k.place), '[]')
                    FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                    WHERE k.attnum = 0
                ),
                'partial', x.indpred IS NOT NULL,
                'predicate', CASE WHEN b.oid IS NULL THEN pg_get_expr(x.indpred, x.indrelid, true) END,
                'unique', x.indisunique,
                'primary', x.indisprimary,
                'constraint', EXISTS (SELECT FROM pg_constraint AS k
                    WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')),
                'valid', x.indisvalid,
                -- A column that 13 and 14 lack.
                'nulls_not_distinct', x.indisunique
                    AND coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::bool, false)
            ) ORDER BY x.indexrelid), '[]')
            FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_am AS m ON m.oid = i.relam
            WHERE x.indrelid = c.oid AND x.indislive
        ),
        'foreign_keys', (
            SELECT coalesce(json_agg(json_build_object(
                'name', k.conname,
                'columns', (
                    SELECT json_agg(a.attname ORDER BY u.place)
                    FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, place)
                    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
                ),
                'referenced', json_build_array(n.nspname, r.relname),
                'referenced_columns', (
                    SELECT json_agg(a.attname ORDER BY u.place)
                    FROM unnest(k.confkey) WITH ORDINALITY AS u (attnum, place)
                    JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.attnum
                ),
                'validated', k.convalidated
            ) ORDER BY k.oid), '[]')
            FROM pg_constraint AS k JOIN pg_class AS r ON r.oid = k.confrelid
            JOIN pg_namespace AS n ON n.oid = r.relnamespace
            WHERE k.conrelid = c.oid AND k.contype = 'f'
              -- One that references a partitioned table has a twin for each of its partitions.
              AND NOT EXISTS (SELECT FROM pg_constraint AS p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
        ),
        'checks', (
            SELECT coalesce(json_agg(json_build_object(
                'name', k.conname,
                'expression', CASE WHEN k.contype = 'c' AND b.oid IS NULL
                    THEN pg_get_expr(k.conbin, k.conrelid, true) END,
                'not_null', k.contype = 'n',
                'columns', (
                    SELECT json_agg(a.attname ORDER BY u.place)
                    FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, place)
                    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
                ),
                'validated', k.convalidated,
                'no_inherit', k.connoinherit
            ) ORDER BY k.oid), '[]')
            FROM pg_constraint AS k
            -- Since 18, NOT NULL is a constraint, too; a valid one is told with its column.
            WHERE k.conrelid = c.oid AND (k.contype = 'c' OR k.contype = 'n' AND NOT k.convalidated)
        )
    )), '[]') FROM relations AS c LEFT JOIN busy AS b ON b.oid = c.oid)
)
