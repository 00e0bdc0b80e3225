-- Publications.
SELECT 'publication' AS kind, 'pg_publication' AS class, p.oid, quote_ident(p.pubname) AS name,
    quote_ident(pg_get_userbyid(p.pubowner)) AS owner,
    p.puballtables AS all_tables,
    concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
    p.pubviaroot AS via_partition_root,
    -- New in 18.
    CASE to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN 'stored' END AS generated_columns
FROM pg_publication AS p
WHERE p.oid >= 16384
