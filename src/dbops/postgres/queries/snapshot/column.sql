-- Columns of tables and of what is like them, and the attributes of composite types.
SELECT CASE c.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END AS kind,
    'pg_class' AS class, a.attrelid AS oid, a.attnum AS sub,
    CASE c.relkind WHEN 'c' THEN 'pg_type' ELSE 'pg_class' END AS parent_class,
    CASE c.relkind WHEN 'c' THEN c.reltype ELSE c.oid END AS parent,
    quote_ident(a.attname) AS name,
    row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS position,
    format_type(a.atttypid, a.atttypmod) AS type,
    CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END AS collation,
    a.attnotnull AS not_null,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default,
    CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated,
    CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS expression,
    CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity,
    CASE WHEN a.attstorage <> t.typstorage THEN
        CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END
    END AS storage,
    CASE a.compression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
    nullif(a.attstattarget, -1) AS statistics_target,
    -- The server notes a version of its own there since the minor releases of November 2026.
    CASE WHEN a.attoptions IS NOT NULL THEN (
        SELECT array_agg(o ORDER BY o) FROM unnest(a.attoptions) AS o WHERE o NOT LIKE 'pg\_attver=%'
    ) END AS options,
    CASE WHEN a.attfdwoptions IS NOT NULL THEN (
        SELECT array_agg(o ORDER BY o) FROM unnest(a.attfdwoptions) AS o
    ) END AS foreign_options,
    a.attinhcount > 0 AS inherited,
    a.attislocal AS local
-- Compression is new in 14: before, the name leads to the NULL outside.
FROM (SELECT CAST(NULL AS "char") AS attcompression) AS unknown
CROSS JOIN LATERAL (
    SELECT attrelid, attnum, attname, atttypid, atttypmod, attcollation, attnotnull, attgenerated, attidentity,
        attstorage, attcompression AS compression, attstattarget, attoptions, attfdwoptions, attinhcount, attislocal,
        atthasdef
    FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid >= 16384
) AS a
JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
