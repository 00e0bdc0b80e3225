-- User mappings. Their options are shown by the view to those that may see them, and here as far as they are no secret.
SELECT 'user mapping' AS kind, 'pg_user_mapping' AS class, m.umid AS oid,
    'pg_foreign_server' AS parent_class, m.srvid AS parent,
    CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(m.umuser)) END AS name,
    (SELECT array_agg(o ORDER BY o) FROM unnest(m.umoptions) AS o) AS options
FROM pg_user_mappings AS m
