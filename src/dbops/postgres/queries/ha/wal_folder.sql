-- What pg_wal holds, and the newest timeline whose history is there: a standby fetches it before it follows. Needs
-- EXECUTE on pg_ls_waldir (pg_monitor has it).
SELECT json_build_object(
    'files', count(*),
    'bytes', coalesce(sum(size), 0),
    'history', max(('x' || left(name, 8))::bit(32)::int4) FILTER (WHERE name ~ '^[0-9A-F]{8}\.history$')
) FROM pg_ls_waldir()
