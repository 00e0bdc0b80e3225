-- How archiving goes. Readable by any role.
SELECT json_build_object(
    'archived', archived_count,
    'failed', failed_count,
    'last_archived_at', extract(epoch FROM last_archived_time),
    'last_failed_at', extract(epoch FROM last_failed_time),
    'last_failed_wal', last_failed_wal
) FROM pg_stat_archiver
