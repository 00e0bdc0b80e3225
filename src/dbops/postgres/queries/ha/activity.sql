-- Sessions that wait for a synchronous standby, and who is connected. Needs pg_read_all_stats (pg_monitor has it):
-- for others "hidden" counts the sessions whose columns are NULL.
SELECT json_build_object(
    'waiting', count(*) FILTER (WHERE wait_event = 'SyncRep'),
    'hidden', count(*) FILTER (WHERE backend_type IS NULL),
    'applications', coalesce(json_agg(DISTINCT application_name) FILTER (WHERE application_name <> ''), '[]')
) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
