-- The rows of one of the queries beside this folder, without the members of extensions.
SELECT coalesce(json_agg(each), '[]') FROM (
/* query */
) AS each
