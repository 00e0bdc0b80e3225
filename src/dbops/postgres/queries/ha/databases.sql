-- Ages of the oldest ids, failed checksums, cancelled queries. Readable by any role.
SELECT json_agg(json_build_object(
    'name', d.datname,
    'xid_age', age(d.datfrozenxid),
    'multixact_age', mxid_age(d.datminmxid),
    'checksum_failures', s.checksum_failures,
    'conflicts', s.conflicts
) ORDER BY d.datname) FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid
