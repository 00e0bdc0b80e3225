-- Types that stand by themselves: no tables' row types, no arrays, no multiranges, which come with other types.
SELECT CASE t.typtype WHEN 'c' THEN 'composite type' WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain'
        WHEN 'r' THEN 'range type' WHEN 'p' THEN 'shell type' ELSE 'base type' END AS kind,
    'pg_type' AS class, t.oid, 'pg_namespace' AS parent_class, t.typnamespace AS parent,
    quote_ident(t.typname) AS name,
    quote_ident(pg_get_userbyid(t.typowner)) AS owner,
    (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid) AS labels,
    CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS type,
    CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN t.typcollation::regcollation END AS collation,
    t.typnotnull AS not_null,
    coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) AS default,
    format_type(nullif(r.rngsubtype, 0), NULL) AS subtype,
    (
        SELECT s.opcnamespace::regnamespace || '.' || quote_ident(s.opcname) FROM pg_opclass AS s
        WHERE s.oid = r.rngsubopc
    ) AS subtype_operator_class,
    nullif(r.rngcollation, 0)::regcollation AS subtype_collation,
    nullif(r.rngcanonical::oid, 0)::regprocedure AS canonical_function,
    nullif(r.rngsubdiff::oid, 0)::regprocedure AS difference_function,
    -- New in 14.
    format_type((to_jsonb(r) ->> 'rngmultitypid')::oid, NULL) AS multirange,
    (
        SELECT to_jsonb(base) FROM (
            SELECT t.typinput::regprocedure AS input, t.typoutput::regprocedure AS output,
                nullif(t.typreceive::oid, 0)::regprocedure AS receive, nullif(t.typsend::oid, 0)::regprocedure AS send,
                nullif(t.typmodin::oid, 0)::regprocedure AS typmod_in,
                nullif(t.typmodout::oid, 0)::regprocedure AS typmod_out,
                nullif(t.typanalyze::oid, 0)::regprocedure AS analyze,
                -- New in 14.
                nullif(to_jsonb(t) ->> 'typsubscript', '-') AS subscript,
                t.typlen AS length, t.typbyval AS by_value, t.typalign AS alignment, t.typstorage AS storage,
                t.typcategory AS category, t.typispreferred AS preferred, t.typdelim AS delimiter,
                format_type(nullif(t.typelem, 0), NULL) AS element, t.typcollation <> 0 AS collatable
            WHERE t.typtype = 'b'
        ) AS base
    ) AS base
FROM pg_type AS t
LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
LEFT JOIN pg_range AS r ON r.rngtypid = t.oid
LEFT JOIN pg_class AS c ON c.oid = t.typrelid
LEFT JOIN pg_type AS e ON e.typarray = t.oid AND t.typelem <> 0
WHERE t.oid >= 16384 AND t.typtype <> 'm' AND e.oid IS NULL AND (t.typtype <> 'c' OR c.relkind = 'c')
