-- A row that isn't there, or is finished, is a division by zero: somebody else changed it meanwhile.
SELECT 1 / count(*) FROM :"schema".schema_migrations WHERE version = :'version' AND state <> 'applied'
