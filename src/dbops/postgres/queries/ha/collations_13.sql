-- The version of the connected database's collation, on 13 and 14: that of a collation with the same locale.
SELECT coalesce(json_agg(json_build_object('name', name, 'recorded', recorded, 'actual', actual)), '[]')
FROM (
    SELECT DISTINCT ON (c.collprovider, c.collcollate) c.collname AS name, c.collversion AS recorded,
        pg_collation_actual_version(c.oid) AS actual
    FROM pg_collation c JOIN pg_database d ON d.datname = current_database()
    WHERE c.collprovider = 'c' AND c.collcollate = d.datcollate
        OR c.collversion IS NOT NULL AND c.oid IN (SELECT attcollation FROM pg_attribute WHERE attrelid >= 16384)
    ORDER BY c.collprovider, c.collcollate, c.oid
) AS used
