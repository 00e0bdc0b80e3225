-- When dbops applied each of Alembic's revisions, and how long it took: what Alembic's own table doesn't know.
SELECT coalesce(json_object_agg(version, json_build_object(
    'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'ms', execution_ms)), '{}')
FROM (SELECT DISTINCT ON (version) version, at, execution_ms
    FROM :"schema".migration_log
    WHERE outcome = 'ok' AND action IN ('up', 'redo') AND version IS NOT NULL
    ORDER BY version, id DESC) AS last
