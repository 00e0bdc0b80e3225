-- What ALTER DATABASE … SET gave a database.
SELECT coalesce(json_agg(json_build_array(split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)) ORDER BY c), '[]')
FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase CROSS JOIN unnest(s.setconfig) AS c
WHERE s.setrole = 0 AND d.datname = :'database'
