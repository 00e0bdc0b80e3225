-- Functions, window functions and procedures; not those that come with a range type.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind, 'pg_proc' AS class, p.oid,
    'pg_namespace' AS parent_class, p.pronamespace AS parent,
    quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
    quote_ident(pg_get_userbyid(p.proowner)) AS owner,
    pg_get_functiondef(p.oid) AS definition
FROM pg_proc AS p
WHERE p.prokind <> 'a' AND p.oid >= 16384 AND NOT EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass
)
