-- Operator families with all that is in them; "in" is the class that needs a member, if any.
SELECT 'operator family' AS kind, 'pg_opfamily' AS class, f.oid,
    'pg_namespace' AS parent_class, f.opfnamespace AS parent,
    quote_ident(f.opfname) || ' USING ' || quote_ident(m.amname) AS name,
    quote_ident(pg_get_userbyid(f.opfowner)) AS owner,
    (
        SELECT array_agg(concat_ws(' ', o.amopstrategy, o.amopopr::regoperator, 'for order by '
            || s.opfnamespace::regnamespace || '.' || quote_ident(s.opfname), 'in ' || quote_ident(c.opcname))
            ORDER BY o.amopstrategy, o.amopopr::regoperator::text)
        FROM pg_amop AS o
        LEFT JOIN pg_opfamily AS s ON s.oid = o.amopsortfamily
        LEFT JOIN pg_depend AS d ON d.classid = 'pg_amop'::regclass AND d.objid = o.oid AND d.deptype = 'i'
            AND d.refclassid = 'pg_opclass'::regclass
        LEFT JOIN pg_opclass AS c ON c.oid = d.refobjid
        WHERE o.amopfamily = f.oid
    ) AS operators,
    (
        SELECT array_agg(concat_ws(' ', p.amprocnum, '(' || format_type(p.amproclefttype, NULL) || ', '
            || format_type(p.amprocrighttype, NULL) || ')', p.amproc::regprocedure, 'in ' || quote_ident(c.opcname))
            ORDER BY p.amprocnum, p.amproclefttype::regtype::text, p.amprocrighttype::regtype::text)
        FROM pg_amproc AS p
        LEFT JOIN pg_depend AS d ON d.classid = 'pg_amproc'::regclass AND d.objid = p.oid AND d.deptype = 'i'
            AND d.refclassid = 'pg_opclass'::regclass
        LEFT JOIN pg_opclass AS c ON c.oid = d.refobjid
        WHERE p.amprocfamily = f.oid
    ) AS functions
FROM pg_opfamily AS f JOIN pg_am AS m ON m.oid = f.opfmethod
WHERE f.oid >= 16384
