-- Bytes of relations by name, with indexes and TOAST and all partitions; what isn't there is left out.
SELECT coalesce(json_object_agg(r.name, r.bytes), '{}') FROM (
    SELECT n.name, CASE c.relkind
        WHEN 'p' THEN (SELECT sum(pg_total_relation_size(p.relid)) FROM pg_partition_tree(c.oid) AS p)
        ELSE pg_total_relation_size(c.oid)
    END AS bytes
    FROM json_array_elements_text(:'names'::json) AS n (name)
    JOIN pg_class AS c ON c.oid = to_regclass(n.name)
) AS r
