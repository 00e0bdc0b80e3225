-- The versions of the collations in use (15 and newer): the database's own, and those recorded with a version that
-- its tables name. Readable by any role.
SELECT coalesce(json_agg(json_build_object('name', name, 'recorded', recorded, 'actual', actual)), '[]')
FROM (
    SELECT 'database ' || datname AS name, datcollversion AS recorded, pg_database_collation_actual_version(oid) AS actual
    FROM pg_database WHERE datallowconn
    UNION ALL
    SELECT c.collname, c.collversion, pg_collation_actual_version(c.oid)
    FROM pg_collation c
    WHERE c.collversion IS NOT NULL AND c.oid IN (SELECT a.attcollation FROM pg_attribute a WHERE a.attrelid >= 16384)
) AS used
