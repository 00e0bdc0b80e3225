-- Whether the backend of that pid and start is still there. A start one may not see is not held against it.
SELECT to_json(EXISTS (
    SELECT FROM pg_stat_activity
    WHERE pid = :'pid' AND pid <> pg_backend_pid()
      AND (backend_start IS NULL OR :'backend_start'::timestamptz IS NULL OR backend_start = :'backend_start'::timestamptz)
))
