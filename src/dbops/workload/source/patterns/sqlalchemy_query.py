"""A statement of its own for each round of a loop, with another key each time.

Why: `session.scalars(select(Comment).where(Comment.post_id == key))` in a loop asks as often as there are keys, and
each time waits for an answer.

Instead: Ask once before the loop: `where(Comment.post_id.in_(keys))`, and put the rows into a dictionary by their key.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Asked, Kind, Sighting
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): pass

class Comment(Base):
    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int]
"""
BAD = [
    _MODELS
    + """
def comments(session, keys):
    for key in keys:
        print(session.scalars(select(Comment).where(Comment.post_id == key)).all())
""",
    _MODELS
    + """
def comments(session, keys):
    return [session.query(Comment).filter_by(post_id=key).count() for key in keys]
""",
]
GOOD = [
    _MODELS
    + """
def comments(session, keys):
    return session.scalars(select(Comment).where(Comment.post_id.in_(keys))).all()
""",
    _MODELS
    + """
def pages(session, ends):
    for end in ends:
        print(session.scalars(select(Comment).where(Comment.id > end).limit(100)).all())
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge a statement that a loop runs."""
    asked = sighting.asked
    if asked.framework is not Framework.SQLALCHEMY or asked.kind is not Kind.QUERY:
        return None
    return Found(_remedy(asked), f"it asks once for each of {remedies.shortened(sighting.loop.text)}")


def _remedy(asked: Asked) -> str:
    model, columns = asked.model, tuple(dict.fromkeys(asked.lookups))
    if model is None or not columns or not model.columns.issuperset(columns):  # of another table, maybe
        return "ask for all keys at once, with in_(keys), before the loop"
    keys = [f"{model.name}.{each}" for each in columns]
    key = keys[0] if len(keys) == 1 else f"tuple_({', '.join(keys)})"
    return f"select({model.name}).where({key}.in_(keys)), before the loop"
