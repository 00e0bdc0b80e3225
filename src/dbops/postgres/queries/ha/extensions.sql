-- Extensions of the connected database, and those whose files the node has. Readable by any role.
SELECT json_build_object(
    'installed', (SELECT coalesce(json_agg(extname), '[]') FROM pg_extension),
    'available', (SELECT coalesce(json_agg(name), '[]') FROM pg_available_extensions)
)
