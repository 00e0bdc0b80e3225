-- What a copy of this database must be like, so that queries are planned and run there as they are here: the settings
-- that one session can have, and what is chosen for a database or a server. pg_database's columns about locales differ
-- between versions. Readable by any role.
SELECT json_build_object(
    'version', current_setting('server_version_num')::int4,
    'schemas', to_json(current_schemas(false)),
    'encoding', pg_encoding_to_char(d.encoding),
    'provider', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
    'collate', d.datcollate,
    'ctype', d.datctype,
    'locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
    'shared_buffers', (SELECT setting::int8 FROM pg_settings WHERE name = 'shared_buffers')
        * current_setting('block_size')::int8,
    'workers', current_setting('max_worker_processes')::int4,
    'settings', (SELECT json_object_agg(name, current_setting(name)) FROM pg_settings
        WHERE context = 'user' AND (name ~ '^(enable|jit|geqo|min_parallel)_|_cost$|_collapse_limit$' OR name IN (
            'geqo', 'jit', 'work_mem', 'hash_mem_multiplier', 'temp_buffers', 'effective_cache_size',
            'effective_io_concurrency', 'maintenance_work_mem', 'constraint_exclusion', 'cursor_tuple_fraction',
            'default_statistics_target', 'max_parallel_workers', 'max_parallel_workers_per_gather',
            'max_parallel_maintenance_workers', 'parallel_leader_participation', 'plan_cache_mode',
            'recursive_worktable_factor', 'DateStyle', 'IntervalStyle', 'TimeZone', 'default_text_search_config',
            'standard_conforming_strings', 'transform_null_equals')))
)
FROM pg_database AS d WHERE d.datname = current_database()
