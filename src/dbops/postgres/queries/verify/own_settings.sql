-- What ALTER DATABASE … SET gave this database, as a row of a snapshot. Only the names: a copy's values are spelt by
-- the server.
SELECT coalesce(json_agg(json_build_object(
    'kind', 'database',
    'name', 'that migrations run in',
    'parent', NULL,
    'attributes', json_build_object('settings', names)
)), '[]')
FROM (
    SELECT json_agg(split_part(c, '=', 1) ORDER BY c) AS names
    FROM pg_db_role_setting AS s CROSS JOIN unnest(s.setconfig) AS c
    WHERE s.setrole = 0 AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS found
