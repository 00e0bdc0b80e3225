-- In the statement's own transaction, and first: the orphan of a killed runner is met on this key. A try that failed
-- is overwritten; nothing to write is a division by zero: the statement is done already.
WITH entered AS (
    INSERT INTO :"schema".migration_steps AS step
        (version, direction, step, statement_hash, state, backend_pid, backend_start)
    VALUES (:'version', :'direction', :'step', :'statement_hash', 'done', :'backend_pid', :'backend_start')
    ON CONFLICT (version, direction, step) DO UPDATE
    SET statement_hash = excluded.statement_hash, state = 'done', backend_pid = excluded.backend_pid,
        backend_start = excluded.backend_start, target_existed = NULL, started_at = clock_timestamp()
    WHERE step.state <> 'done'
    RETURNING 1
)
SELECT 1 / count(*) FROM entered
