-- The types that PostgreSQL gives the parameters of the statement just prepared.
SELECT array_to_json(parameter_types::text[]) FROM pg_prepared_statements WHERE name = :'name'
