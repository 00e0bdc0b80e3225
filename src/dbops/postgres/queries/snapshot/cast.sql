-- Casts; not those that come with a range type.
SELECT 'cast' AS kind, 'pg_cast' AS class, c.oid,
    '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')' AS name,
    CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END AS context,
    CASE c.castmethod WHEN 'b' THEN 'binary' WHEN 'i' THEN 'inout' ELSE 'function' END AS method,
    nullif(c.castfunc, 0)::regprocedure AS function
FROM pg_cast AS c
WHERE c.oid >= 16384 AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i'
)
