-- Rules; not those that are views.
SELECT 'rule' AS kind, 'pg_rewrite' AS class, r.oid, 'pg_class' AS parent_class, r.ev_class AS parent,
    quote_ident(r.rulename) AS name,
    pg_get_ruledef(r.oid) AS definition,
    CASE r.ev_enabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'origin' END AS enabled
FROM pg_rewrite AS r
WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
