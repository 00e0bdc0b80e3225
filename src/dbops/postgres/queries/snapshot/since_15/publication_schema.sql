-- Schemas of publications.
SELECT 'publication schema' AS kind, 'pg_publication_namespace' AS class, p.oid,
    'pg_publication' AS parent_class, p.pnpubid AS parent,
    p.pnnspid::regnamespace AS name
FROM pg_publication_namespace AS p
WHERE p.oid >= 16384
