"""Which indexes could help a query: from its text, from its plan, and from what its tables are. Pure."""
