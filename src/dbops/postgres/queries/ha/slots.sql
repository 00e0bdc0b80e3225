-- Replication slots; to_jsonb gives the columns that the version has. Readable by any role.
SELECT json_agg(to_jsonb(s) || jsonb_build_object(
    'retained_bytes', pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
        THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_lsn() END, s.restart_lsn),
    'inactive_since_s', extract(epoch FROM (to_jsonb(s) ->> 'inactive_since')::timestamptz)
) ORDER BY s.slot_name) FROM pg_replication_slots s
