-- Sequences and whose they are; that of an identity column goes with it. Where they stand is data.
SELECT 'sequence' AS kind, 'pg_class' AS class, c.oid,
    CASE WHEN d.deptype = 'i' THEN 'pg_class' ELSE 'pg_namespace' END AS parent_class,
    CASE WHEN d.deptype = 'i' THEN d.refobjid ELSE c.relnamespace END AS parent,
    CASE WHEN d.deptype = 'i' THEN d.refobjsubid ELSE 0 END AS parent_sub,
    c.relnamespace AS namespace,
    quote_ident(c.relname) AS name,
    quote_ident(pg_get_userbyid(c.relowner)) AS owner,
    CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' ELSE 'permanent' END AS persistence,
    format_type(s.seqtypid, NULL) AS type,
    s.seqstart AS start,
    s.seqincrement AS increment,
    s.seqmin AS minimum,
    s.seqmax AS maximum,
    s.seqcache AS cache,
    s.seqcycle AS cycle,
    d.refobjid::regclass || '.' || quote_ident(a.attname) AS owned_by,
    d.deptype = 'i' AS identity
FROM pg_sequence AS s
JOIN pg_class AS c ON c.oid = s.seqrelid
LEFT JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.oid >= 16384
