-- Subscriptions, of which 13 lets others than superusers read these columns only.
SELECT 'subscription' AS kind, quote_ident(s.subname) AS name,
    quote_ident(pg_get_userbyid(s.subowner)) AS owner,
    s.subenabled AS enabled,
    s.subslotname AS slot,
    (SELECT array_agg(p ORDER BY p) FROM unnest(s.subpublications) AS p) AS publications
FROM pg_subscription AS s
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
