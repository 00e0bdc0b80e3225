-- Triggers. Those that a partition has from its parent are told only where they are enabled otherwise; of a foreign
-- key's the constraint tells.
SELECT 'trigger' AS kind, 'pg_trigger' AS class, t.oid, 'pg_class' AS parent_class, t.tgrelid AS parent,
    quote_ident(t.tgname) AS name,
    pg_get_triggerdef(t.oid) AS definition,
    CASE t.tgenabled WHEN 'D' THEN 'no' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'origin' END AS enabled
FROM pg_trigger AS t
LEFT JOIN pg_trigger AS p ON p.oid = t.tgparentid
LEFT JOIN pg_constraint AS k ON k.oid = t.tgconstraint
WHERE t.oid >= 16384 AND (k.oid IS NULL OR k.contype = 't')
  AND CASE WHEN t.tgparentid = 0 THEN NOT t.tgisinternal ELSE t.tgenabled IS DISTINCT FROM p.tgenabled END
