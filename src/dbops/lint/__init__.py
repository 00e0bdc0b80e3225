"""Finding the query and the migration that will hurt, before they ship."""
