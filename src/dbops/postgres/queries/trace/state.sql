-- What a transaction holds and has done so far: locks, files of tables and indexes, scans. Relations of users only.
SELECT json_build_object(
    'locks', (
        SELECT coalesce(json_agg(json_build_array(l.relation, l.mode)), '[]') FROM (
            SELECT DISTINCT relation::bigint, mode FROM pg_locks
            WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND relation >= 16384
        ) AS l
    ),
    'relations', (
        SELECT coalesce(json_agg(json_build_object(
            'oid', c.oid::bigint, 'kind', c.relkind, 'file', pg_relation_filenode(c.oid)::bigint,
            'name', c.oid::regclass::text, 'table', i.indrelid::bigint,
            'scans', pg_stat_get_xact_numscans(c.oid)
        )), '[]')
        FROM pg_class AS c
        LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
        WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I')
    )
)
