"""SQL text and what PostgreSQL's own parser knows of it: statements, transactions, locks, secrets. Pure."""
