-- The settings that decide how a query is planned and how much memory it may use, as SHOW spells them.
SELECT json_object_agg(name, current_setting(name)) FROM pg_settings
WHERE category LIKE 'Query Tuning%'
   OR name IN ('work_mem', 'hash_mem_multiplier', 'maintenance_work_mem', 'shared_buffers', 'temp_buffers', 'block_size',
       'max_parallel_workers', 'max_parallel_workers_per_gather', 'max_worker_processes', 'track_io_timing',
       'effective_io_concurrency', 'parallel_leader_participation', 'search_path', 'row_security', 'statement_timeout')
