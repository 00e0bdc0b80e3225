-- Settings of roles and databases. Readable by any role.
SELECT json_agg(json_build_object('role', r.rolname, 'database', d.datname, 'settings', s.setconfig))
FROM pg_db_role_setting s
LEFT JOIN pg_roles r ON r.oid = s.setrole
LEFT JOIN pg_database d ON d.oid = s.setdatabase
