UPDATE :"schema".migration_steps SET step = :'to_step'
WHERE version = :'version' AND direction = :'direction' AND step = :'step'
