-- Whether replay is paused, on 13. Readable by any role.
SELECT json_build_object('state', CASE WHEN pg_is_in_recovery()
    THEN CASE WHEN pg_is_wal_replay_paused() THEN 'paused' ELSE 'not paused' END END)
