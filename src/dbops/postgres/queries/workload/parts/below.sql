-- What is asked for, and below it what views read, and partitions; ``root`` is what was asked for itself.
\ir asked.sql
, below AS (
    SELECT name, oid, oid AS root FROM asked WHERE oid IS NOT NULL
    UNION
    SELECT b.name, inner_one.oid, b.root
    FROM below AS b
    CROSS JOIN LATERAL (
        SELECT d.refobjid AS oid
        FROM pg_class AS v
        JOIN pg_rewrite AS r ON r.ev_class = v.oid
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> b.oid
        WHERE v.oid = b.oid AND v.relkind = 'v'  -- a materialized view reads nothing, and a table's rules only write
        UNION ALL
        SELECT i.inhrelid FROM pg_inherits AS i WHERE i.inhparent = b.oid
    ) AS inner_one
)
