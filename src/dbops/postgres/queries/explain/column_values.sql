-- Values of columns as the statistics have them, for [[schema, table, column], …]. They are values of rows.
--
-- A partitioned table's statistics are those "inherited" from its partitions, an ordinary one's its own.
SELECT coalesce(json_agg(json_build_object(
    'schema', w.value ->> 0,
    'table', w.value ->> 1,
    'column', w.value ->> 2,
    'common', coalesce(to_json(s.most_common_vals::text::text[]), '[]'),
    'frequencies', coalesce(to_json(s.most_common_freqs), '[]'),
    'histogram', coalesce(to_json(s.histogram_bounds::text::text[]), '[]')
)), '[]')
FROM json_array_elements(:'columns'::json) AS w
JOIN LATERAL (
    SELECT * FROM pg_stats AS p
    WHERE p.schemaname = w.value ->> 0 AND p.tablename = w.value ->> 1 AND p.attname = w.value ->> 2
    ORDER BY p.inherited DESC LIMIT 1
) AS s ON true
