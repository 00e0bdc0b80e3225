-- Which of these extensions this server has no files of.
SELECT json_agg(asked.name ORDER BY asked.name)
FROM json_array_elements_text(:'names'::json) AS asked (name)
WHERE NOT EXISTS (SELECT FROM pg_available_extensions AS e WHERE e.name = asked.name)
