-- First of all the version's row, as on the way up. Nothing to delete is a division by zero: reverted meanwhile.
WITH gone AS (DELETE FROM :"schema".schema_migrations WHERE version = :'version' AND state = 'applied' RETURNING 1)
SELECT 1 / count(*) FROM gone
