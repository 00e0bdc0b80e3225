-- The role with which dbops looks at a cluster (`dbops ha-status`): exactly what it needs, and no row of any table.
-- Run it as a superuser on the primary, in the database that the role connects to: the standbys get it by replication.
-- Then give it a password (\password dbops_monitor), and a line in every node's pg_hba.conf.

CREATE ROLE dbops_monitor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 10;

-- Who streams and how far, primary_conninfo, pg_wal, sessions that wait for a synchronous standby.
GRANT pg_monitor TO dbops_monitor;

-- Whether the other nodes could log in for replication after a promotion (the check replication-login).
GRANT SELECT ON pg_hba_file_rules TO dbops_monitor;
GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO dbops_monitor;
