-- What each statement has cost so far, without the texts, which the server would read from a file. Columns that came
-- and went with the extension's versions are taken from JSON: exec_time and the blocks' times have had other names, and
-- toplevel, WAL and temp times came later. A statement of another role's has no queryid for who may not see it.
SELECT /* dbops */ json_build_object(
    'at', extract(epoch FROM clock_timestamp()),
    'rows', coalesce(json_agg(json_build_array(
        dbid, queryid, toplevel, calls, total_ms, rows, hit, read, written, temp, wal, io_ms
    )), '[]')
)
FROM (
    SELECT
        s.dbid::int8, s.queryid, coalesce((j ->> 'toplevel')::bool, true) AS toplevel, sum(s.calls) AS calls,
        sum(coalesce(j ->> 'total_exec_time', j ->> 'total_time')::float8) AS total_ms, sum(s.rows) AS rows,
        sum(s.shared_blks_hit + s.local_blks_hit) AS hit, sum(s.shared_blks_read + s.local_blks_read) AS read,
        sum(s.shared_blks_written + s.local_blks_written) AS written,
        sum(s.temp_blks_read + s.temp_blks_written) AS temp, sum((j ->> 'wal_bytes')::numeric) AS wal,
        sum(
            coalesce(j ->> 'shared_blk_read_time', j ->> 'blk_read_time')::float8
            + coalesce(j ->> 'shared_blk_write_time', j ->> 'blk_write_time')::float8
            + coalesce((j ->> 'local_blk_read_time')::float8, 0) + coalesce((j ->> 'local_blk_write_time')::float8, 0)
        ) AS io_ms
    FROM :"schema".pg_stat_statements(false) AS s CROSS JOIN LATERAL to_jsonb(s) AS j
    WHERE :'everywhere'::bool OR s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY 1, 2, 3
) AS statement
