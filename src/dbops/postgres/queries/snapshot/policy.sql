-- Policies of row security.
SELECT 'policy' AS kind, 'pg_policy' AS class, p.oid, 'pg_class' AS parent_class, p.polrelid AS parent,
    quote_ident(p.polname) AS name,
    p.polpermissive AS permissive,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
        ELSE 'ALL' END AS command,
    (
        SELECT array_agg(name ORDER BY name) FROM unnest(p.polroles) AS role
        CROSS JOIN LATERAL (
            SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END AS name
        ) AS named
    ) AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS using,
    pg_get_expr(p.polwithcheck, p.polrelid) AS with_check
FROM pg_policy AS p
WHERE p.oid >= 16384
