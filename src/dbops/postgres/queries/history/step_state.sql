UPDATE :"schema".migration_steps SET state = :'state'
WHERE version = :'version' AND direction = :'direction' AND step = :'step'
