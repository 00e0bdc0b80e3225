-- Security labels, each for the object that it is about.
SELECT l.classoid::regclass AS class, l.objoid AS oid, l.objsubid AS sub,
    array_agg(l.provider || ': ' || l.label ORDER BY l.provider) AS security_labels
FROM pg_seclabel AS l
WHERE l.objoid >= 16384 OR l.classoid = 'pg_namespace'::regclass
GROUP BY l.classoid, l.objoid, l.objsubid
