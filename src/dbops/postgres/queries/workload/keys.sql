-- Of these relations: what each name means here, their columns, which of them are unique by themselves, and which refer
-- to which. A foreign key of several columns refers column by column.
WITH /* dbops */
\ir parts/asked.sql
SELECT json_build_object(
    'relations', (SELECT coalesce(json_agg(json_build_array(name, oid::int8)), '[]') FROM asked WHERE oid IS NOT NULL),
    'columns', (
        SELECT coalesce(json_agg(json_build_array(attrelid::int8, attname)), '[]')
        FROM pg_attribute
        WHERE attrelid IN (SELECT oid FROM asked) AND attnum > 0 AND NOT attisdropped
    ),
    'unique', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(i.indrelid::int8, a.attname)::text), '[]')
        FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid IN (SELECT oid FROM asked) AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL
    ),
    'references', (
        SELECT coalesce(json_agg(DISTINCT json_build_array(
            c.conrelid::int8, a.attname, c.confrelid::int8, f.attname
        )::text), '[]')
        FROM pg_constraint AS c
        CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS pair (own, other)
        JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = pair.own
        JOIN pg_attribute AS f ON f.attrelid = c.confrelid AND f.attnum = pair.other
        WHERE c.contype = 'f' AND c.conrelid IN (SELECT oid FROM asked)
    )
)
