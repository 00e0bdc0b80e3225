-- What the server knows of tables, for [[schema, table], …]: sizes are the planner's, counts those of the statistics
-- collector (which a standby does not have).
SELECT coalesce(json_agg(json_build_object(
    'schema', n.nspname,
    'table', c.relname,
    'rows', CASE WHEN c.reltuples >= 0 THEN c.reltuples END,
    'pages', c.relpages,
    'modified', s.n_mod_since_analyze,
    'analyzed', CASE WHEN pg_is_in_recovery() THEN NULL
        ELSE s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL OR s.analyze_count + s.autoanalyze_count > 0
        OR c.reltuples > 0 END,
    'visible_share', CASE WHEN c.relpages > 0 THEN c.relallvisible::float8 / c.relpages END,
    'dead', s.n_dead_tup
)), '[]')
FROM json_array_elements(:'relations'::json) AS w
JOIN pg_namespace AS n ON n.nspname = w.value ->> 0
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.value ->> 1
LEFT JOIN pg_stat_all_tables AS s ON s.relid = c.oid
