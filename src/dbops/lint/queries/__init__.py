"""Queries as rules see them, and what can be concluded from them. Pure."""
