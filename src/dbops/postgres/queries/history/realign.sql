UPDATE :"schema".schema_migrations SET checksum = :'checksum', name = :'name' WHERE version = :'version'
