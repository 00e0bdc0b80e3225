-- What a role has and lacks here, and what the server has to offer. Readable by any role.
SELECT json_build_object(
    'superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
    'sees_sessions', pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
    'may_create_schema', has_database_privilege(current_database(), 'CREATE'),
    'schema', to_regnamespace(:'quoted_schema') IS NOT NULL,
    'may_create_tables', coalesce(has_schema_privilege(to_regnamespace(:'quoted_schema')::oid, 'CREATE'), false),
    'encoding', (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()),
    'preloaded', current_setting('shared_preload_libraries', true),
    'installed', (SELECT coalesce(json_object_agg(extname, extversion), '{}') FROM pg_extension),
    'available', (SELECT coalesce(json_agg(name), '[]') FROM pg_available_extensions
        WHERE name IN ('pg_stat_statements', 'hypopg'))
)
