-- How this server spells a view, as the snapshot asks for it.
SELECT to_json(pg_get_viewdef(to_regclass(:'view')))
