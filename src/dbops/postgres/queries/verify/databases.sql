-- The databases whose names are in a list, as rows of a snapshot: what a migration may change of them. Values of
-- settings are hashed: some are secrets.
SELECT coalesce(json_agg(json_build_object(
    'kind', 'database',
    'name', quote_ident(d.datname),
    'parent', NULL,
    'attributes', json_build_object(
        'owner', quote_ident(pg_get_userbyid(d.datdba)),
        'comment', shobj_description(d.oid, 'pg_database'),
        'connection_limit', d.datconnlimit,
        'privileges', (SELECT coalesce(json_agg(acl::text ORDER BY acl::text), '[]')
            FROM unnest(coalesce(d.datacl, acldefault('d', d.datdba))) AS acl),
        'settings', (SELECT coalesce(json_agg(split_part(c, '=', 1) || ' = md5 ' || md5(c) ORDER BY c), '[]')
            FROM pg_db_role_setting AS s CROSS JOIN unnest(s.setconfig) AS c
            WHERE s.setdatabase = d.oid AND s.setrole = 0)
    )
)), '[]')
FROM pg_database AS d
WHERE d.datname IN (SELECT json_array_elements_text(:'names'))
