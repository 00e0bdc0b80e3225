-- The texts of some statements, and which of all are questions of dbops's own.
SELECT /* dbops */ coalesce(json_agg(json_build_array(dbid, queryid, database, query, own)), '[]')
FROM (
    SELECT DISTINCT ON (s.dbid, s.queryid)
        s.dbid::int8, s.queryid, d.datname AS database, s.query, s.query ~ '^\w+ /\* dbops \*/' AS own
    FROM :"schema".pg_stat_statements AS s LEFT JOIN pg_database AS d ON d.oid = s.dbid
    WHERE
        s.query ~ '^\w+ /\* dbops \*/'
        OR (s.dbid::int8, s.queryid) IN (
            SELECT (pair ->> 0)::int8, (pair ->> 1)::int8 FROM json_array_elements(:'wanted'::json) AS pair
        )
    ORDER BY s.dbid, s.queryid, s.query
) AS texts
