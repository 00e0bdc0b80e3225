-- Which sessions the migrating backend waits for. Without pg_read_all_stats another role's state and times are NULL.
-- By pid where it is known; behind a pooler by the application name, which it passes on.
SELECT json_agg(json_build_object(
    'pid', a.pid,
    'application', nullif(a.application_name, ''),
    'user', a.usename,
    'state', a.state,
    'age_s', EXTRACT(epoch FROM clock_timestamp() - a.xact_start)
) ORDER BY a.xact_start)
FROM pg_stat_activity AS a
WHERE a.pid = ANY (
    SELECT unnest(pg_blocking_pids(m.pid))
    FROM pg_stat_activity AS m
    WHERE m.pid = :'pid'
       OR (:'pid' = 0 AND m.application_name = :'application'
           AND m.datname = current_database())
)
