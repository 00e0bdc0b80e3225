-- The versions that dbops itself has applied, reverted or recorded: of these its own history knows more than any other.
SELECT coalesce(json_agg(DISTINCT version), '[]') FROM :"schema".migration_log WHERE outcome = 'ok' AND version IS NOT NULL
