-- ALTER … DEPENDS ON EXTENSION, each for the object that goes with an extension.
SELECT d.classid::regclass AS class, d.objid AS oid, d.objsubid AS sub,
    array_agg(quote_ident(e.extname) ORDER BY e.extname) AS depends_on_extensions
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'
GROUP BY d.classid, d.objid, d.objsubid
