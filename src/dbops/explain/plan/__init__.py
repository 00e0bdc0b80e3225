"""A plan as PostgreSQL gives it, in text or JSON, as a tree whose figures are totals. Pure."""
