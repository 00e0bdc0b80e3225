"""Alembic's projects, whose revisions Alembic itself runs, and its comparison of schemas."""
