-- What belongs to extensions.
SELECT coalesce(json_agg(json_build_array(m.class, m.objid)), '[]') FROM (
    SELECT d.classid::regclass AS class, d.objid FROM pg_depend AS d
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.objid >= 16384
) AS m
