-- The backend that runs the statement stands beside it: after a crash it tells whether somebody still does.
INSERT INTO :"schema".migration_steps
    (version, direction, step, statement_hash, state, backend_pid, backend_start, target_existed)
VALUES (:'version', :'direction', :'step', :'statement_hash', 'running', :'backend_pid', :'backend_start', :'target_existed')
ON CONFLICT (version, direction, step) DO UPDATE
SET statement_hash = excluded.statement_hash, state = 'running', backend_pid = excluded.backend_pid,
    backend_start = excluded.backend_start, target_existed = excluded.target_existed, started_at = clock_timestamp()
