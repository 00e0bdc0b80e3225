-- How far an index build is: the phase, and blocks, tuples or lockers done of all.
SELECT json_build_object(
    'phase', phase,
    'lockers_done', lockers_done, 'lockers_total', lockers_total, 'locker_pid', current_locker_pid,
    'blocks_done', blocks_done, 'blocks_total', blocks_total,
    'tuples_done', tuples_done, 'tuples_total', tuples_total
)
FROM pg_stat_progress_create_index
WHERE pid = :'pid'
