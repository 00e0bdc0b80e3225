-- The rows of one of the queries beside this folder.
SELECT coalesce(json_agg(each), '[]') FROM (
/* query */
) AS each
