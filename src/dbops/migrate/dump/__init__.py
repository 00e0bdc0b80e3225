"""``dump``: the schema as a file that changes only when the schema does."""
