-- Operators; not those that are only named by others.
SELECT 'operator' AS kind, 'pg_operator' AS class, o.oid, 'pg_namespace' AS parent_class, o.oprnamespace AS parent,
    o.oprname || '(' || CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', '
        || CASE o.oprright WHEN 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')' AS name,
    quote_ident(pg_get_userbyid(o.oprowner)) AS owner,
    nullif(o.oprcode::oid, 0)::regprocedure AS function,
    nullif(o.oprcom, 0)::regoperator AS commutator,
    nullif(o.oprnegate, 0)::regoperator AS negator,
    nullif(o.oprrest::oid, 0)::regprocedure AS restrict,
    nullif(o.oprjoin::oid, 0)::regprocedure AS join,
    o.oprcanmerge AS merges,
    o.oprcanhash AS hashes
FROM pg_operator AS o
WHERE o.oprcode <> 0 AND o.oid >= 16384
