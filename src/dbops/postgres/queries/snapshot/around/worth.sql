-- The catalogs that are worth reading, and whether passwords may be looked at.
SELECT json_build_object(
    'classes', (SELECT coalesce(json_agg(class), '[]') FROM (
/* queries */
    ) AS present),
    'privileged', has_table_privilege('pg_authid', 'SELECT')
)
