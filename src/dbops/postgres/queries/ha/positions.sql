-- Where a node stands in the WAL, in bytes since 0/0; 'server' is that of identity.sql. Readable by any role, but for the
-- receiver's columns and what replay waits for.
SELECT json_build_object(
    'server', concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
        extract(epoch FROM pg_postmaster_start_time()), current_setting('port')),
    'in_recovery', pg_is_in_recovery(),
    'clock', extract(epoch FROM clock_timestamp()),
    'written', CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') END,
    'flushed', CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0') END,
    'received', CASE WHEN pg_is_in_recovery()
        THEN pg_wal_lsn_diff(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0') END,
    'replayed', CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') END,
    'replayed_commit', CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM pg_last_xact_replay_timestamp()) END,
    'replay_waits', (SELECT coalesce(wait_event_type || '/' || wait_event, 'running')
        FROM pg_stat_activity WHERE backend_type = 'startup'),
    'receivers', (SELECT json_agg(json_build_object(
        'status', status, 'last_message', extract(epoch FROM last_msg_receipt_time))) FROM pg_stat_wal_receiver)
)
