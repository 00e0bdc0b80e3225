-- Settings that a role has in all databases or in one.
SELECT 'role setting' AS kind, 'pg_authid' AS parent_class, s.setrole AS parent,
    split_part(c, '=', 1) || coalesce(' in ' || quote_ident(d.datname), '') AS name,
    array_agg(c) AS options
FROM pg_db_role_setting AS s CROSS JOIN unnest(s.setconfig) AS c LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
WHERE s.setrole <> 0
GROUP BY s.setrole, c, d.datname
