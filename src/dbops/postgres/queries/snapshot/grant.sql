-- Privileges that are not as they are by default: granted, and taken from those that have them by default.
WITH holders AS (
    SELECT 'pg_class' AS class, c.oid, 0 AS sub, c.relowner AS owner, c.relacl AS acl,
        acldefault(CAST(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS "char"), c.relowner) AS base
    FROM pg_class AS c WHERE c.relacl IS NOT NULL AND c.oid >= 16384
    UNION ALL
    SELECT 'pg_class', a.attrelid, a.attnum, c.relowner, a.attacl, acldefault('c', c.relowner)
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND a.attrelid >= 16384
    UNION ALL
    -- What initdb gave everybody on "public" depends on the version.
    SELECT 'pg_namespace', n.oid, 0, n.nspowner, n.nspacl, acldefault('n', n.nspowner) || (
        SELECT array_agg(makeaclitem(0, n.nspowner, e.privilege_type, false))
        FROM pg_init_privs AS i CROSS JOIN LATERAL aclexplode(i.initprivs) AS e
        WHERE i.classoid = 'pg_namespace'::regclass AND i.objoid = n.oid AND e.grantee = 0
    )
    FROM pg_namespace AS n WHERE n.nspacl IS NOT NULL
    UNION ALL
    SELECT 'pg_proc', p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner)
    FROM pg_proc AS p WHERE p.proacl IS NOT NULL AND p.oid >= 16384
    UNION ALL
    SELECT 'pg_type', t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner)
    FROM pg_type AS t WHERE t.typacl IS NOT NULL AND t.oid >= 16384
    UNION ALL
    SELECT 'pg_language', l.oid, 0, l.lanowner, l.lanacl, acldefault('l', l.lanowner)
    FROM pg_language AS l WHERE l.lanacl IS NOT NULL AND l.oid >= 16384
    UNION ALL
    SELECT 'pg_foreign_data_wrapper', w.oid, 0, w.fdwowner, w.fdwacl, acldefault('F', w.fdwowner)
    FROM pg_foreign_data_wrapper AS w WHERE w.fdwacl IS NOT NULL AND w.oid >= 16384
    UNION ALL
    SELECT 'pg_foreign_server', s.oid, 0, s.srvowner, s.srvacl, acldefault('S', s.srvowner)
    FROM pg_foreign_server AS s WHERE s.srvacl IS NOT NULL AND s.oid >= 16384
),
changed AS (
    SELECT 'grant' AS kind, h.class, h.oid, h.sub, h.owner, e.*
    FROM holders AS h CROSS JOIN LATERAL aclexplode(h.acl) AS e
    WHERE NOT EXISTS (
        SELECT FROM aclexplode(h.base) AS b WHERE (b.grantee, b.privilege_type, b.is_grantable)
            = (e.grantee, e.privilege_type, e.is_grantable)
    )
    UNION ALL
    SELECT 'revoke', h.class, h.oid, h.sub, h.owner, b.*
    FROM holders AS h CROSS JOIN LATERAL aclexplode(h.base) AS b
    WHERE NOT EXISTS (
        SELECT FROM aclexplode(h.acl) AS e WHERE (b.grantee, b.privilege_type) = (e.grantee, e.privilege_type)
    )
)
SELECT c.kind, c.class AS parent_class, c.oid AS parent, c.sub AS parent_sub,
    CASE c.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(c.grantee)) END AS grantee,
    array_agg(c.privilege_type || CASE WHEN c.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
        || CASE WHEN c.grantor <> c.owner THEN ' BY ' || quote_ident(pg_get_userbyid(c.grantor)) ELSE '' END
        ORDER BY c.privilege_type, c.is_grantable, c.grantor) AS privileges
FROM changed AS c
GROUP BY c.kind, c.class, c.oid, c.sub, c.grantee
