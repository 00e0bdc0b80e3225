-- Event triggers.
SELECT 'event trigger' AS kind, 'pg_event_trigger' AS class, e.oid, quote_ident(e.evtname) AS name,
    quote_ident(pg_get_userbyid(e.evtowner)) AS owner,
    e.evtevent AS event,
    e.evtfoid::regprocedure AS function,
    CASE e.evtenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'origin' END AS enabled,
    (SELECT array_agg(tag ORDER BY tag) FROM unnest(e.evttags) AS tag) AS tags
FROM pg_event_trigger AS e
WHERE e.oid >= 16384
