-- The versions of the collations in use, on 13 and 14, where a database records none: of the connected database's own
-- that of a collation with the same locale (no row where there is none), and those recorded with a version that its
-- tables name. Readable by any role.
SELECT coalesce(json_agg(json_build_object('name', name, 'recorded', recorded, 'actual', actual)), '[]')
FROM (
    SELECT 'database ' || d.datname AS name, c.recorded, c.actual
    FROM pg_database d LEFT JOIN LATERAL (
        SELECT true AS found, collversion AS recorded, pg_collation_actual_version(oid) AS actual
        FROM pg_collation WHERE collprovider = 'c' AND collcollate = d.datcollate ORDER BY oid LIMIT 1
    ) AS c ON true
    WHERE d.datname = current_database()
        AND (c.found OR d.datcollate IN ('C', 'POSIX') OR d.datcollate ILIKE 'C.%')
    UNION ALL
    SELECT c.collname, c.collversion, pg_collation_actual_version(c.oid)
    FROM pg_collation c
    WHERE c.collversion IS NOT NULL AND c.oid IN (SELECT a.attcollation FROM pg_attribute a WHERE a.attrelid >= 16384)
) AS used
