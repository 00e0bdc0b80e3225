-- Of a repeatable migration: its row is made, or made anew when it was run with another checksum. Nothing to write is a
-- division by zero: somebody else did so meanwhile.
WITH entered AS (
    INSERT INTO :"schema".schema_migrations AS row (version, name, checksum, state, transactional, run_id)
    VALUES (:'version', :'name', :'checksum', :'state', :'transactional', :'run_id')
    ON CONFLICT (version) DO UPDATE
    SET name = excluded.name, checksum = excluded.checksum, state = excluded.state, execution_ms = NULL,
        transactional = excluded.transactional, applied_at = excluded.applied_at, applied_by = excluded.applied_by,
        run_id = excluded.run_id
    WHERE row.checksum <> excluded.checksum AND row.state = 'applied'
    RETURNING 1
)
SELECT 1 / count(*) FROM entered
