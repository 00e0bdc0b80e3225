"""A row by its key in each round of a loop: `session.get`.

Why: `session.get(Author, key)` asks for each author that the session does not hold yet.

Instead: Load them before: `session.scalars(select(Author).where(Author.id.in_(keys)))`. The session then holds them,
and `get` asks no more.
"""

from __future__ import annotations

from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.pattern import Found

_MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase): pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
BAD = [
    _MODELS
    + """
def authors(session: Session, keys):
    return [session.get(Author, key) for key in keys]
""",
]
GOOD = [
    _MODELS
    + """
def author(session: Session, key):
    return session.get(Author, key)
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop gets by its key."""
    asked = sighting.asked
    if asked.kind is not Kind.GET or asked.model is None:
        return None
    name = asked.model.name
    key = "id" if "id" in asked.model.columns else "…"
    remedy = f"session.scalars(select({name}).where({name}.{key}.in_(keys))).all(), before the loop"
    return Found(remedy, f"it asks for each {name} that the session does not hold yet")
