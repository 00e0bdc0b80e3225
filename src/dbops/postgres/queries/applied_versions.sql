-- Every version that the history knows, also one whose up or down has not finished: its file is not to be edited.
SELECT set_config('lock_timeout', '1s', true);
SELECT coalesce(json_agg(version), '[]') FROM :"schema".schema_migrations
