-- Subscriptions, without the connection string, which may hold a password and which only superusers may read.
SELECT 'subscription' AS kind, 'pg_subscription' AS class, s.oid, quote_ident(s.subname) AS name,
    quote_ident(pg_get_userbyid(s.subowner)) AS owner,
    s.subenabled AS enabled,
    s.subslotname AS slot,
    s.subsynccommit AS synchronous_commit,
    (SELECT array_agg(p ORDER BY p) FROM unnest(s.subpublications) AS p) AS publications,
    s."binary",
    CASE s.streaming WHEN 'p' THEN 'parallel' WHEN 't' THEN 'on' WHEN 'true' THEN 'on' ELSE 'off' END AS streaming,
    nullif(s.two_phase, 'd') AS two_phase,
    s.disable_on_error,
    s.password_required,
    s.run_as_owner,
    s.origin,
    s.failover
-- Before the version that brought such a column, the name leads to the value outside.
FROM (
    SELECT 'd' AS subtwophasestate, false AS subdisableonerr,
        true AS subpasswordrequired, false AS subrunasowner, 'any' AS suborigin, false AS subfailover
) AS unknown
CROSS JOIN LATERAL (
    SELECT oid, subdbid, subname, subowner, subenabled, subslotname, subsynccommit, subpublications,
        subbinary AS binary, substream::text AS streaming, subtwophasestate::text AS two_phase,
        subdisableonerr AS disable_on_error, subpasswordrequired AS password_required, subrunasowner AS run_as_owner,
        suborigin AS origin, subfailover AS failover
    FROM pg_subscription
) AS s
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
