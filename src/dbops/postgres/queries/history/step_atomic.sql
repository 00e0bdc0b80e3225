-- In the statement's own transaction, and first: the orphan of a killed runner is met on this key.
INSERT INTO :"schema".migration_steps (version, direction, step, statement_hash, state, backend_pid, backend_start)
VALUES (:'version', :'direction', :'step', :'statement_hash', 'done', :'backend_pid', :'backend_start')
