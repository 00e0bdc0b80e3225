-- Default privileges: those of a schema come on top of the role's, which stand instead of PostgreSQL's own.
WITH holders AS (
    SELECT d.*, CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
            WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END AS objects,
        CASE d.defaclnamespace WHEN 0
            THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN CAST('s' AS "char") ELSE d.defaclobjtype END, d.defaclrole)
        END AS base
    FROM pg_default_acl AS d
),
changed AS (
    SELECT 'default grant' AS kind, h.defaclnamespace, h.defaclrole, h.objects, e.*
    FROM holders AS h CROSS JOIN LATERAL aclexplode(h.defaclacl) AS e
    WHERE NOT EXISTS (
        SELECT FROM aclexplode(h.base) AS b WHERE (b.grantee, b.privilege_type, b.is_grantable)
            = (e.grantee, e.privilege_type, e.is_grantable)
    )
    UNION ALL
    SELECT 'default revoke', h.defaclnamespace, h.defaclrole, h.objects, b.*
    FROM holders AS h CROSS JOIN LATERAL aclexplode(h.base) AS b
    WHERE NOT EXISTS (
        SELECT FROM aclexplode(h.defaclacl) AS e WHERE (b.grantee, b.privilege_type) = (e.grantee, e.privilege_type)
    )
)
SELECT c.kind, CASE WHEN c.defaclnamespace <> 0 THEN 'pg_namespace' END AS parent_class,
    nullif(c.defaclnamespace, 0) AS parent, c.objects,
    CASE c.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(c.grantee)) END AS grantee,
    quote_ident(pg_get_userbyid(c.defaclrole)) AS made_by,
    array_agg(c.privilege_type || CASE WHEN c.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
        ORDER BY c.privilege_type, c.is_grantable) AS privileges
FROM changed AS c
GROUP BY c.kind, c.defaclnamespace, c.defaclrole, c.objects, c.grantee
