-- First of all the version's row: a second runner, or the orphan of a killed one, meets the other on this key.
INSERT INTO :"schema".schema_migrations (version, name, checksum, state, transactional, run_id)
VALUES (:'version', :'name', :'checksum', :'state', :'transactional', :'run_id')
