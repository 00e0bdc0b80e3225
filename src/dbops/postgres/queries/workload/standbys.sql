-- Where this server's WAL ends, and the standbys that stream from it with where each is, as far as the role may see it;
-- without what follows logically, or only keeps WAL (pg_receivewal replays nothing).
SELECT /* dbops */ json_build_object(
    'at', extract(epoch FROM clock_timestamp()),
    'written', CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')
        ELSE pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') END,
    'flushed', CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')
        ELSE pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') END,
    'standbys', (
        SELECT coalesce(json_agg(json_build_array(
            r.pid, r.application_name, pg_wal_lsn_diff(r.replay_lsn, '0/0'), extract(epoch FROM r.replay_lag)
        ) ORDER BY r.application_name, r.pid), '[]')
        FROM pg_stat_replication AS r LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid
        WHERE (r.state IS NULL OR r.state = 'streaming' AND r.replay_lsn IS NOT NULL)
            AND coalesce(s.slot_type <> 'logical', true)
    )
)
