-- Ages of the oldest ids, failed checksums, cancelled queries. pg_stat_database has one row more, of the shared catalogs.
-- Readable by any role.
SELECT json_agg(json_build_object(
    'name', coalesce(d.datname, 'shared catalogs'),
    'xid_age', age(d.datfrozenxid),
    'multixact_age', mxid_age(d.datminmxid),
    'checksum_failures', s.checksum_failures,
    'conflicts', s.conflicts
) ORDER BY d.datname) FROM pg_database d FULL JOIN pg_stat_database s ON s.datid = d.oid
