-- Roles, but for PostgreSQL's own.
SELECT 'role' AS kind, 'pg_authid' AS class, r.oid, quote_ident(r.rolname) AS name,
    r.rolsuper AS superuser,
    r.rolinherit AS inherit,
    r.rolcreaterole AS createrole,
    r.rolcreatedb AS createdb,
    r.rolcanlogin AS login,
    r.rolreplication AS replication,
    r.rolbypassrls AS bypassrls,
    r.rolconnlimit AS connection_limit,
    r.rolvaliduntil AS valid_until,
    shobj_description(r.oid, 'pg_authid') AS comment
FROM pg_roles AS r
WHERE r.rolname !~ '^pg_'
