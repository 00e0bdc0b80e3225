-- A statement that pg_stat_statements has seen in this database, by its queryid; one that other roles ran is theirs.
SELECT json_build_object(
    'query', s.query, 'calls', sum(s.calls), 'mean_ms', sum(s.total_exec_time) / nullif(sum(s.calls), 0),
    'total_ms', sum(s.total_exec_time), 'rows', sum(s.rows)
)
FROM :"schema".pg_stat_statements AS s
WHERE s.queryid = :'queryid'::int8 AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY s.query
ORDER BY sum(s.calls) DESC
LIMIT 1
