DELETE FROM :"schema".schema_migrations WHERE version = :'version'
