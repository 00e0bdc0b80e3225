-- Comments, each for the object that it is about.
SELECT c.classoid::regclass AS class, c.objoid AS oid, c.objsubid AS sub, c.description AS comment
FROM pg_description AS c
WHERE c.objoid >= 16384 OR c.classoid = 'pg_namespace'::regclass
