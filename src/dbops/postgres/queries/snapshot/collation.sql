-- Collations. ICU's locale has had three columns: collcollate until 14, colliculocale, and since 17 colllocale.
SELECT 'collation' AS kind, 'pg_collation' AS class, c.oid,
    'pg_namespace' AS parent_class, c.collnamespace AS parent, quote_ident(c.collname) AS name,
    quote_ident(pg_get_userbyid(c.collowner)) AS owner,
    CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc' ELSE 'default' END AS provider,
    c.collisdeterministic AS deterministic,
    CASE c.collprovider WHEN 'c' THEN j ->> 'collcollate' END AS lc_collate,
    CASE c.collprovider WHEN 'c' THEN j ->> 'collctype' END AS lc_ctype,
    CASE WHEN c.collprovider <> 'c' THEN coalesce(j ->> 'colllocale', j ->> 'colliculocale', j ->> 'collcollate') END
        AS locale,
    j ->> 'collicurules' AS rules
FROM pg_collation AS c CROSS JOIN LATERAL to_jsonb(c) AS j
WHERE c.oid >= 16384
