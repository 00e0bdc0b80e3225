"""SQLAlchemy 1.x and 2.x, with async sessions, Flask-SQLAlchemy and SQLModel."""

from tests.workload.source.samples.sqlalchemy import found, right
from tests.workload.source.samples.sqlalchemy.models import MODELS, app, old

__all__ = ["MODELS", "NEGATIVE", "POSITIVE", "app", "old"]

POSITIVE = {f"SQLAlchemy, {name}": files for name, files in found.POSITIVE.items()}
NEGATIVE = {f"SQLAlchemy, {name}": files for name, files in right.NEGATIVE.items()}
