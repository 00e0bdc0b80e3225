-- PostgreSQL's own cache: its size, and what this database asked of it so far. autoprewarm is null where the role may not
-- see what is preloaded.
SELECT /* dbops */ json_build_object(
    'at', extract(epoch FROM clock_timestamp()),
    'since', extract(epoch FROM d.stats_reset),
    'since_text', d.stats_reset::timestamptz(0),
    'shared_buffers', (SELECT setting::int8 * current_setting('block_size')::int8 FROM pg_settings WHERE name = 'shared_buffers'),
    'block', current_setting('block_size')::int,
    'hit', d.blks_hit,
    'read', d.blks_read,
    'read_ms', CASE WHEN current_setting('track_io_timing')::bool THEN d.blk_read_time END,
    'autoprewarm', (
        SELECT setting ~ '\mpg_prewarm\M' AND coalesce(current_setting('pg_prewarm.autoprewarm', true)::bool, false)
        FROM pg_settings WHERE name = 'shared_preload_libraries'
    ),
    'buffercache', (SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pg_buffercache')
)
FROM pg_stat_database AS d
WHERE d.datname = current_database()
