-- Roles by which managers of clusters and services of clouds are known. Readable by any role.
SELECT coalesce(json_agg(rolname), '[]') FROM pg_roles
WHERE rolname IN ('rds_superuser', 'rdsadmin', 'cloudsqlsuperuser', 'azure_pg_admin', 'azuresu', 'alloydbsuperuser',
    'streaming_replica', 'repmgr', 'pgautofailover_replicator', 'autoctl_node', 'neon_superuser', 'doadmin', 'aiven_extras')
