-- How many segments wait for the archiver. Needs EXECUTE on pg_ls_archive_statusdir (pg_monitor has it).
SELECT json_build_object('ready', count(*) FILTER (WHERE name LIKE '%.ready')) FROM pg_ls_archive_statusdir()
