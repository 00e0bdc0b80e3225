-- What another tool has applied: with its time, where it keeps one.
INSERT INTO :"schema".schema_migrations (version, name, checksum, state, transactional, applied_at, run_id)
VALUES (:'version', :'name', :'checksum', 'applied', true, coalesce(:'applied_at'::timestamptz, clock_timestamp()),
    :'run_id')
