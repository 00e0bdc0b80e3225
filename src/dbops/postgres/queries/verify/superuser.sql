-- Whether who logged in may do anything.
SELECT to_json(rolsuper) FROM pg_roles WHERE rolname = session_user
