"""Changes of the schema as rules see them, and what can be concluded from them. Pure."""
