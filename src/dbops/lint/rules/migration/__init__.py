"""Rules about changes of the schema, by PostgreSQL's own grammar."""
