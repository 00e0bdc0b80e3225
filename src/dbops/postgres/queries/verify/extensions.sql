-- The extensions that can be created here, and whether an ordinary role may.
SELECT coalesce(json_object_agg(name, trusted), '{}')
FROM (SELECT name, bool_or(trusted) AS trusted FROM pg_available_extension_versions GROUP BY name) AS available
