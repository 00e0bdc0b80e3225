-- The rows of Alembic's version table, one a head; none where there is no such table.
SELECT coalesce(json_agg(version_num ORDER BY version_num), '[]') FROM :"schema".:"table"
