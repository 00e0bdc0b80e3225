-- How big an index is, with its parts on partitions.
SELECT to_json(pg_relation_size(i.oid) + coalesce(
    (SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree(i.oid) WHERE level > 0), 0)::int8)
FROM (SELECT :'index'::regclass AS oid) AS i
