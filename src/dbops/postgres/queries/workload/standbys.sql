-- The standbys that stream, and how far behind they are, as far as the role may see it.
SELECT /* dbops */ coalesce(json_agg(json_build_array(
    application_name, state, extract(epoch FROM replay_lag)
) ORDER BY application_name), '[]')
FROM pg_stat_replication
WHERE state IS NULL OR state = 'streaming'
