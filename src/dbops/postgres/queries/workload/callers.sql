-- How often each role has called each statement of this database so far, the rows that gave, and the time. A statement
-- of another role's has no queryid for who may not see it; what functions call is not what a client called.
SELECT /* dbops */ coalesce(json_agg(json_build_array(userid, queryid, calls, rows, ms)), '[]')
FROM (
    SELECT
        s.userid::int8, s.queryid, sum(s.calls) AS calls, sum(s.rows) AS rows,
        sum(coalesce(j ->> 'total_exec_time', j ->> 'total_time')::float8) AS ms
    FROM :"schema".pg_stat_statements(false) AS s CROSS JOIN LATERAL to_jsonb(s) AS j
    WHERE
        s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND s.queryid IS NOT NULL AND coalesce((j ->> 'toplevel')::bool, true)
    GROUP BY 1, 2
) AS called
