-- The rows of one of the queries beside this one, without the members of extensions.
SELECT coalesce(json_agg(each), '[]') FROM (
/* query */
) AS each
WHERE NOT EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.classid = each.class::regclass AND d.objid = each.oid AND d.deptype = 'e'
      AND d.refclassid = 'pg_extension'::regclass
)
