-- Who waits for a lock that this backend holds. Readable by any role.
SELECT json_agg(json_build_object(
    'pid', a.pid,
    'application', nullif(a.application_name, ''),
    'user', a.usename,
    'state', a.state,
    'age_s', EXTRACT(epoch FROM clock_timestamp() - a.xact_start)
) ORDER BY a.xact_start)
FROM pg_stat_activity AS a
WHERE a.pid IN (SELECT pid FROM pg_locks WHERE NOT granted)
  AND :'pid'::int4 = ANY (pg_blocking_pids(a.pid))
