-- Nothing to update is a division by zero: somebody else changed it meanwhile.
WITH changed AS (
    UPDATE :"schema".schema_migrations SET state = :'state' WHERE version = :'version' AND state = :'from_state' RETURNING 1
)
SELECT 1 / count(*) FROM changed
