-- What the counters mean on this server; loaded is null where the role may not see what is preloaded.
SELECT /* dbops */ json_build_object(
    'io_timing', current_setting('track_io_timing')::bool,
    'block_size', current_setting('block_size')::int,
    'loaded', (SELECT setting ~ '\mpg_stat_statements\M' FROM pg_settings WHERE name = 'shared_preload_libraries'),
    'track', current_setting('pg_stat_statements.track', true),
    'queryids', current_setting('compute_query_id', true),
    'available', EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_stat_statements'),
    'version', (SELECT default_version FROM pg_available_extensions WHERE name = 'pg_stat_statements')
)
