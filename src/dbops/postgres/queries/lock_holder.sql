-- Who holds the runner lock. An advisory lock of one bigint has its halves in classid and objid, and objsubid 1.
SELECT json_build_object(
    'pid', a.pid, 'application', nullif(a.application_name, ''), 'user', a.usename, 'state', a.state,
    'age_s', EXTRACT(epoch FROM clock_timestamp() - a.xact_start)
)
FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid::bigint = :'high' AND l.objid::bigint = :'low'
