-- Since when statements are counted, and how many were thrown out for want of room; since version 1.9.
SELECT /* dbops */ json_build_object('since', extract(epoch FROM stats_reset), 'at', stats_reset::timestamptz(0), 'thrown_out', dealloc)
FROM :"schema".pg_stat_statements_info
