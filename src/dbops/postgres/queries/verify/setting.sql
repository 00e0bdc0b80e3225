-- One message and so one transaction; FROM CURRENT because only the server knows how a setting's value is quoted.
SELECT set_config(:'setting', :'value', true);
ALTER DATABASE :"database" SET :"setting" FROM CURRENT
