-- Whether the history is there, and what would be needed to make it.
SELECT json_build_object(
    'schema', to_regnamespace(:'quoted_schema') IS NOT NULL,
    'tables', to_regclass(:'quoted_schema' || '.history_version') IS NOT NULL,
    'may_create_schema', has_database_privilege(current_database(), 'CREATE'),
    'may_create_tables', coalesce(has_schema_privilege(to_regnamespace(:'quoted_schema')::oid, 'CREATE'), false)
)
