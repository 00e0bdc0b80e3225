-- Whether replay is paused (14 and newer). Readable by any role.
SELECT json_build_object('state', CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() END)
