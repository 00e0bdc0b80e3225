-- Constraints of tables and domains. Left out: the twins that a foreign key has for each partition, unless they are not
-- looked at; constraint triggers, which are listed as triggers; NOT NULL, which since 18 is a constraint, too, where
-- nothing about it is special.
SELECT 'constraint' AS kind, 'pg_constraint' AS class, k.oid,
    CASE WHEN k.conrelid = 0 THEN 'pg_type' ELSE 'pg_class' END AS parent_class,
    CASE WHEN k.conrelid = 0 THEN k.contypid ELSE k.conrelid END AS parent,
    quote_ident(k.conname) AS name,
    pg_get_constraintdef(k.oid) AS definition,
    k.convalidated AS valid,
    -- ALTER TABLE … DISABLE TRIGGER ALL turns it off.
    k.oid IN (SELECT tgconstraint FROM pg_trigger WHERE tgenabled <> 'O') AS triggers_changed,
    k.coninhcount > 0 AS inherited,
    k.conislocal AS local
FROM pg_constraint AS k
LEFT JOIN pg_type AS d ON d.oid = k.contypid
LEFT JOIN pg_class AS c ON c.oid = k.conrelid
LEFT JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND k.contype = 'n'
WHERE k.oid >= 16384
  AND (k.contype IN ('c', 'p', 'u', 'x') OR k.contype = 'f' AND (
    k.conparentid = 0 OR k.oid IN (SELECT tgconstraint FROM pg_trigger WHERE tgenabled <> 'O')
  ) OR k.contype = 'n' AND (
    k.oid IN (SELECT objoid FROM pg_description WHERE classoid = 'pg_constraint'::regclass)
    OR NOT k.convalidated OR k.connoinherit OR k.conislocal AND k.coninhcount > 0
    OR k.conislocal AND k.conname <> coalesce(d.typname, c.relname || '_' || a.attname) || '_not_null'
    -- Of long names PostgreSQL takes the beginnings.
    AND NOT (octet_length(coalesce(d.typname, c.relname || a.attname)) > 53 AND k.conname LIKE '%\_not\_null')))
