-- Name and checksum once more: a file that failed half way may have been mended before it was resumed.
UPDATE :"schema".schema_migrations
SET state = 'applied', name = :'name', checksum = :'checksum',
    execution_ms = coalesce(:'execution_ms', 1000 * EXTRACT(epoch FROM clock_timestamp() - now()))
WHERE version = :'version'
