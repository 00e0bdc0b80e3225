DELETE FROM :"schema".migration_steps WHERE version = :'version'
