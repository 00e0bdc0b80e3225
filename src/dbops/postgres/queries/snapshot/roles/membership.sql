-- Who is a member of which role. INHERIT and SET are new in 16, where one may be a member by several grantors.
SELECT 'membership' AS kind, 'pg_authid' AS parent_class, m.member AS parent,
    quote_ident(r.rolname) AS name,
    bool_or(m.admin_option) AS admin,
    bool_or((to_jsonb(m) ->> 'inherit_option')::bool) AS inherit,
    bool_or((to_jsonb(m) ->> 'set_option')::bool) AS set
FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.roleid
GROUP BY m.member, r.rolname
