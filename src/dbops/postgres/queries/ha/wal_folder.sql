-- What pg_wal holds. Needs EXECUTE on pg_ls_waldir (pg_monitor has it).
SELECT json_build_object('files', count(*), 'bytes', coalesce(sum(size), 0)) FROM pg_ls_waldir()
