-- Operator classes; what is in them is told with their family.
SELECT 'operator class' AS kind, 'pg_opclass' AS class, c.oid,
    'pg_namespace' AS parent_class, c.opcnamespace AS parent,
    quote_ident(c.opcname) || ' USING ' || quote_ident(m.amname) AS name,
    quote_ident(pg_get_userbyid(c.opcowner)) AS owner,
    f.opfnamespace::regnamespace || '.' || quote_ident(f.opfname) AS family,
    format_type(c.opcintype, NULL) AS type,
    format_type(nullif(c.opckeytype, 0), NULL) AS storage,
    c.opcdefault AS default
FROM pg_opclass AS c JOIN pg_am AS m ON m.oid = c.opcmethod JOIN pg_opfamily AS f ON f.oid = c.opcfamily
WHERE c.oid >= 16384
