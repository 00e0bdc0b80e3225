-- Who receives WAL from a node. A role without pg_monitor sees rows of NULLs.
SELECT json_agg(json_build_object(
    'pid', r.pid,
    'application', r.application_name,
    'user', r.usename,
    'address', host(r.client_addr),
    'state', r.state,
    'sync_state', r.sync_state,
    'sync_priority', r.sync_priority,
    'flushed', pg_wal_lsn_diff(r.flush_lsn, '0/0'),
    'replayed', pg_wal_lsn_diff(r.replay_lsn, '0/0'),
    'replay_lag_s', extract(epoch FROM r.replay_lag),
    'slot', s.slot_name,
    'logical', coalesce(s.slot_type = 'logical', false)
) ORDER BY r.application_name, r.pid)
FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
