-- Whether the history is there, and what would be needed to make it.
SELECT json_build_object(
    'schema', to_regnamespace(:'quoted_schema') IS NOT NULL,
    'owner', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE oid = to_regnamespace(:'quoted_schema')),
    'may_use_schema', coalesce(has_schema_privilege(to_regnamespace(:'quoted_schema')::oid, 'USAGE'), false),
    -- looking a name up in a schema that one may not use is an error
    'tables', CASE WHEN has_schema_privilege(to_regnamespace(:'quoted_schema')::oid, 'USAGE')
        THEN to_regclass(:'quoted_schema' || '.history_version') IS NOT NULL ELSE false END,
    'may_create_schema', has_database_privilege(current_database(), 'CREATE'),
    'may_create_tables', coalesce(has_schema_privilege(to_regnamespace(:'quoted_schema')::oid, 'CREATE'), false)
)
