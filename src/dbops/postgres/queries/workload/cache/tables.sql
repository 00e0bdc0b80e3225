-- What is behind names of relations: of each what it is or has below it (what views read, partitions), with what decides
-- on whether its rows may be kept elsewhere, its columns that are numbers, its rows written so far, and the columns of
-- its unique keys.
WITH /* dbops */ RECURSIVE
\ir ../parts/below.sql
SELECT coalesce(json_agg(json_build_object(
    'asked', b.name,
    'oid', b.oid::int8,
    'root', b.oid = b.root,
    'name', b.oid::regclass::text,
    'kind', c.relkind,
    'temporary', c.relpersistence = 't',
    'row_security', c.relrowsecurity,
    'catalog', n.nspname IN ('pg_catalog', 'information_schema'),
    'derives', EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = b.oid AND a.attgenerated <> '')
        OR EXISTS (  -- a trigger before each row's update: its type has bits for ROW, BEFORE and UPDATE
            SELECT 1 FROM pg_trigger AS t WHERE t.tgrelid = b.oid AND NOT t.tgisinternal AND t.tgtype & 19 = 19
        ),
    'numbers', CASE WHEN b.oid = b.root THEN (
        SELECT json_agg(a.attname) FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE a.attrelid = b.oid AND a.attnum > 0 AND t.typcategory = 'N'
    ) END,
    'written', s.n_tup_ins + s.n_tup_upd + s.n_tup_del,
    'unique', CASE WHEN b.oid = b.root THEN (
        SELECT json_agg((
            SELECT json_agg(a.attname ORDER BY a.attname) FROM pg_attribute AS a
            WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
        ))
        FROM pg_index AS i
        WHERE i.indrelid = b.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    ) END
)), '[]')
FROM below AS b
JOIN pg_class AS c ON c.oid = b.oid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables AS s ON s.relid = b.oid
