"""Taking over a database from another migration tool: what its version table says becomes dbops's own history."""
