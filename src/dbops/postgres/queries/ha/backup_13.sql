-- Whether an exclusive backup runs (14 and older). Readable by any role.
SELECT json_build_object('exclusive', CASE WHEN NOT pg_is_in_recovery() THEN pg_is_in_backup() END)
