"""A database's schema as a value: what is in it, and how DDL changes it. Nothing here connects."""
