-- Whether a catalog has objects that are not PostgreSQL's own.
SELECT :'class' AS class WHERE EXISTS (SELECT FROM :"class" WHERE oid >= 16384)
