-- Privileges that are not as they are by default: granted, and taken from those that have them by default. Of what is
-- PostgreSQL's own or an extension's, the default is what initdb or the extension's script gave. Of information_schema
-- nobody knows it.
WITH held AS (
    SELECT 'pg_class' AS class, c.oid, 0 AS sub, c.relowner AS owner, c.relacl AS acl,
        acldefault(CAST(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS "char"), c.relowner) AS base
    FROM pg_class AS c WHERE c.relacl IS NOT NULL AND c.relnamespace <> 'information_schema'::regnamespace
    UNION ALL
    SELECT 'pg_class', a.attrelid, a.attnum, c.relowner, a.attacl, acldefault('c', c.relowner)
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relnamespace <> 'information_schema'::regnamespace
    UNION ALL
    SELECT 'pg_namespace', n.oid, 0, n.nspowner, n.nspacl, acldefault('n', n.nspowner)
    FROM pg_namespace AS n WHERE n.nspacl IS NOT NULL AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_proc', p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner)
    FROM pg_proc AS p WHERE p.proacl IS NOT NULL
    UNION ALL
    SELECT 'pg_type', t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner)
    FROM pg_type AS t WHERE t.typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_language', l.oid, 0, l.lanowner, l.lanacl, acldefault('l', l.lanowner)
    FROM pg_language AS l WHERE l.lanacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_data_wrapper', w.oid, 0, w.fdwowner, w.fdwacl, acldefault('F', w.fdwowner)
    FROM pg_foreign_data_wrapper AS w WHERE w.fdwacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_server', s.oid, 0, s.srvowner, s.srvacl, acldefault('S', s.srvowner)
    FROM pg_foreign_server AS s WHERE s.srvacl IS NOT NULL
),
holders AS (
    SELECT h.class, h.oid, h.sub, h.owner, h.acl, e.refobjid AS extension,
        h.oid < 16384 AND (h.class <> 'pg_namespace' OR h.oid <> to_regnamespace('public')) AS built_in,
        CASE
            -- What initdb gave everybody on "public" depends on the version.
            WHEN h.class = 'pg_namespace' AND h.oid = to_regnamespace('public') THEN h.base || (
                SELECT array_agg(makeaclitem(0, h.owner, p.privilege_type, false))
                FROM aclexplode(i.initprivs) AS p WHERE p.grantee = 0
            )
            ELSE coalesce(i.initprivs, h.base)
        END AS base
    FROM held AS h
    LEFT JOIN pg_init_privs AS i ON i.classoid = h.class::regclass AND i.objoid = h.oid AND i.objsubid = h.sub
    LEFT JOIN pg_depend AS e ON e.classid = h.class::regclass AND e.objid = h.oid AND e.objsubid = 0
        AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
    WHERE h.acl IS DISTINCT FROM i.initprivs
),
changed AS (
    SELECT 'grant' AS kind, h.class, h.oid, h.sub, h.owner, h.extension, h.built_in, e.*
    FROM holders AS h CROSS JOIN LATERAL aclexplode(h.acl) AS e
    WHERE NOT EXISTS (
        SELECT FROM aclexplode(h.base) AS b WHERE (b.grantee, b.privilege_type, b.is_grantable)
            = (e.grantee, e.privilege_type, e.is_grantable)
    )
    UNION ALL
    SELECT 'revoke', h.class, h.oid, h.sub, h.owner, h.extension, h.built_in, b.*
    FROM holders AS h CROSS JOIN LATERAL aclexplode(h.base) AS b
    WHERE NOT EXISTS (
        SELECT FROM aclexplode(h.acl) AS e WHERE (b.grantee, b.privilege_type) = (e.grantee, e.privilege_type)
    )
)
SELECT c.kind,
    CASE WHEN c.extension IS NOT NULL THEN 'pg_extension' WHEN NOT c.built_in THEN c.class END AS parent_class,
    CASE WHEN c.extension IS NOT NULL THEN c.extension WHEN NOT c.built_in THEN c.oid END AS parent,
    CASE WHEN c.extension IS NULL AND NOT c.built_in THEN c.sub END AS parent_sub,
    CASE WHEN c.extension IS NOT NULL OR c.built_in THEN (
        SELECT i.type || ' ' || i.identity FROM pg_identify_object(c.class::regclass, c.oid, c.sub) AS i
    ) END AS about,
    CASE c.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(c.grantee)) END AS grantee,
    array_agg(c.privilege_type || CASE WHEN c.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
        || CASE WHEN c.grantor <> c.owner THEN ' BY ' || quote_ident(pg_get_userbyid(c.grantor)) ELSE '' END
        ORDER BY c.privilege_type, c.is_grantable, c.grantor) AS privileges
FROM changed AS c
GROUP BY c.kind, c.class, c.oid, c.sub, c.extension, c.built_in, c.grantee
