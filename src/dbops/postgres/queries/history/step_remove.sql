DELETE FROM :"schema".migration_steps WHERE version = :'version' AND direction = :'direction' AND step = :'step'
