-- Tables, also partitioned ones and partitions, and foreign tables.
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind, 'pg_class' AS class, c.oid,
    'pg_namespace' AS parent_class, c.relnamespace AS parent, quote_ident(c.relname) AS name,
    quote_ident(pg_get_userbyid(c.relowner)) AS owner,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' ELSE 'permanent' END AS persistence,
    m.amname AS access_method,
    s.spcname AS tablespace,
    (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) AS o) AS options,
    (SELECT array_agg(o ORDER BY o) FROM unnest(t.reloptions) AS o) AS toast_options,
    CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' ELSE 'default' END
        AS replica_identity,
    c.relrowsecurity AS row_security,
    c.relforcerowsecurity AS force_row_security,
    CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partitioned_by,
    CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS partition_bound,
    (
        SELECT array_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_inherits AS i WHERE i.inhrelid = c.oid
    ) AS inherits,
    -- New in 14.
    (
        SELECT nullif(bool_or((to_jsonb(i) ->> 'inhdetachpending')::bool), false) FROM pg_inherits AS i
        WHERE i.inhrelid = c.oid AND c.relispartition
    ) AS detach_pending,
    v.srvname AS server,
    (SELECT array_agg(o ORDER BY o) FROM unnest(f.ftoptions) AS o) AS server_options
FROM pg_class AS c
LEFT JOIN pg_am AS m ON m.oid = c.relam
LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
LEFT JOIN pg_foreign_table AS f ON f.ftrelid = c.oid
LEFT JOIN pg_foreign_server AS v ON v.oid = f.ftserver
WHERE c.relkind IN ('r', 'p', 'f') AND c.oid >= 16384
