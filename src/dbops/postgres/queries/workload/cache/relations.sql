-- The database's own tables, TOAST included, and indexes: blocks found in shared_buffers and read into them so far. Sizes
-- are those of the last VACUUM or ANALYZE: asking for the real ones takes a lock on each.
SELECT /* dbops */ coalesce(json_agg(json_build_array(
    relid::int8, relid::regclass::text, indexed::regclass::text, pages, hit, read
)), '[]')
FROM (
    SELECT
        s.relid, s.relid AS indexed, c.relpages::int8 + coalesce(t.relpages, 0) AS pages,
        coalesce(s.heap_blks_hit, 0) + coalesce(s.toast_blks_hit, 0) AS hit,
        coalesce(s.heap_blks_read, 0) + coalesce(s.toast_blks_read, 0) AS read
    FROM pg_statio_user_tables AS s
    JOIN pg_class AS c ON c.oid = s.relid
    LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
    UNION ALL
    SELECT i.indexrelid, i.relid, c.relpages, coalesce(i.idx_blks_hit, 0), coalesce(i.idx_blks_read, 0)
    FROM pg_statio_user_indexes AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
) AS relations
