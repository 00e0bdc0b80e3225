-- Schemas. Who owns "public" by default depends on the version. What is in a schema left out here is left out, too.
SELECT 'schema' AS kind, 'pg_namespace' AS class, n.oid, quote_ident(n.nspname) AS name,
    CASE WHEN n.nspname <> 'public' OR pg_get_userbyid(n.nspowner) <> 'pg_database_owner' AND n.nspowner <> 10
        THEN quote_ident(pg_get_userbyid(n.nspowner)) END AS owner
FROM pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT :'without'::jsonb ? n.nspname
