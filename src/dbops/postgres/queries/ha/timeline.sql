-- The timeline a node writes, or receives: the control file's is stale just after a promotion. A standby that receives
-- nothing has that of its recovery. Readable by any role, but for a receiver's.
SELECT json_build_object(
    'written', CASE WHEN NOT pg_is_in_recovery()
        THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int4 END,
    'received', (SELECT max(received_tli) FROM pg_stat_wal_receiver),
    'recovery', CASE WHEN pg_is_in_recovery()
        THEN (SELECT nullif(min_recovery_end_timeline, 0) FROM pg_control_recovery()) END,
    'checkpoint', (SELECT timeline_id FROM pg_control_checkpoint())
)
