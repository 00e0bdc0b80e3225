-- What is in shared_buffers now: blocks in use of all, and of this database's relations (a table's with its TOAST).
SELECT /* dbops */ json_build_object(
    'used', (SELECT count(*) FROM :"schema".pg_buffercache WHERE relfilenode IS NOT NULL),
    'relations', (
        SELECT coalesce(json_agg(json_build_array(oid, blocks)), '[]')
        FROM (
            SELECT coalesce(main.oid, c.oid)::int8 AS oid, count(*) AS blocks
            FROM :"schema".pg_buffercache AS b
            JOIN pg_class AS c ON b.relfilenode = pg_relation_filenode(c.oid) AND c.oid >= 16384
            LEFT JOIN pg_class AS main ON main.reltoastrelid = c.oid
            WHERE b.reldatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
            GROUP BY 1
        ) AS resident
    )
)
