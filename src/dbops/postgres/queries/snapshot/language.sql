-- Languages.
SELECT 'language' AS kind, 'pg_language' AS class, l.oid, quote_ident(l.lanname) AS name,
    quote_ident(pg_get_userbyid(l.lanowner)) AS owner,
    l.lanpltrusted AS trusted,
    nullif(l.lanplcallfoid, 0)::regprocedure AS handler,
    nullif(l.laninline, 0)::regprocedure AS inline_handler,
    nullif(l.lanvalidator, 0)::regprocedure AS validator
FROM pg_language AS l
WHERE l.lanispl AND l.oid >= 16384
