-- Indexes; one that makes a constraint goes with it.
SELECT 'index' AS kind, 'pg_class' AS class, c.oid,
    CASE WHEN k.oid IS NULL THEN 'pg_class' ELSE 'pg_constraint' END AS parent_class,
    coalesce(k.oid, x.indrelid) AS parent,
    c.relnamespace AS namespace,
    quote_ident(c.relname) AS name,
    pg_get_indexdef(x.indexrelid) AS definition,
    x.indisvalid AS valid,
    x.indisclustered AS clustered,
    x.indisreplident AS replica_identity,
    s.spcname AS tablespace,
    g.targets AS statistics_targets,
    (SELECT i.inhparent::regclass::text FROM pg_inherits AS i WHERE i.inhrelid = c.oid) AS attached_to
FROM pg_index AS x
JOIN pg_class AS c ON c.oid = x.indexrelid
JOIN pg_class AS t ON t.oid = x.indrelid AND t.relkind IN ('r', 'p', 'm')
LEFT JOIN pg_constraint AS k ON k.conindid = c.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
LEFT JOIN (
    SELECT a.attrelid, array_agg(a.attnum || ': ' || a.attstattarget ORDER BY a.attnum) AS targets
    FROM pg_attribute AS a WHERE a.attstattarget >= 0 AND a.attnum > 0 AND a.attrelid >= 16384
    GROUP BY a.attrelid
) AS g ON g.attrelid = c.oid
WHERE x.indexrelid >= 16384
