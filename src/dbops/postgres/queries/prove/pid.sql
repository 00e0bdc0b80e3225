-- The backend that works for this transaction, which a pooler may have chosen.
SELECT to_json(pg_backend_pid())
