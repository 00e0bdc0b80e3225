-- The lock lives as long as this transaction; idle in it, a session holds no snapshot, so CREATE INDEX CONCURRENTLY
-- on another connection doesn't wait for it. (A multi-statement message, so that the transaction never stands open
-- without its limits lifted.)
SELECT to_json(pg_try_advisory_xact_lock(:'key'))
