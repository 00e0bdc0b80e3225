-- Extended statistics. The target was -1 where there is none, until 16.
SELECT 'statistics' AS kind, 'pg_statistic_ext' AS class, s.oid, 'pg_class' AS parent_class, s.stxrelid AS parent,
    s.stxnamespace AS namespace, quote_ident(s.stxname) AS name,
    quote_ident(pg_get_userbyid(s.stxowner)) AS owner,
    pg_get_statisticsobjdef(s.oid) AS definition,
    nullif(s.stxstattarget, -1) AS target
FROM pg_statistic_ext AS s
WHERE s.oid >= 16384
