-- Who a node is. What tells servers apart says the same over TCP and a Unix socket, and in any TimeZone. Readable by any
-- role.
SELECT json_build_object(
    'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
    'server', concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
        extract(epoch FROM pg_postmaster_start_time()), current_setting('port')),
    'in_recovery', pg_is_in_recovery(),
    'version', current_setting('server_version_num')::int4,
    'version_text', current_setting('server_version'),
    'uptime_s', extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()),
    'pid', pg_backend_pid(),
    'database', current_database(),
    'user', current_user,
    'user_quoted', quote_ident(current_user),
    'cluster_name', nullif(current_setting('cluster_name'), ''),
    'address', host(inet_server_addr())
)
