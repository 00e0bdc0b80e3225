"""Rules about queries, by sqlglot's tree."""
