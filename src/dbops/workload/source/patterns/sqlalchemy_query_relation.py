"""A relation of each row that is a query: `lazy="dynamic"`, or `WriteOnlyMapped`.

Why: Such a relation is never loaded: each time it is gone over, counted or filtered, it asks.

Instead: Ask for the rows of all at once: `select(Comment).where(Comment.post_id.in_(keys))`, or for their count with
`group_by`.
"""

from __future__ import annotations

from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()

class Post(Base):
    __tablename__ = "post"
    id = Column(Integer, primary_key=True)
    comments = relationship("Comment", lazy="dynamic")

class Comment(Base):
    __tablename__ = "comment"
    id = Column(Integer, primary_key=True)
    post_id = Column(ForeignKey("post.id"))
"""
BAD = [
    _MODELS
    + """
def counts(session):
    return [post.comments.count() for post in session.query(Post)]
""",
]
GOOD = [
    _MODELS
    + """
def count(session, key):
    return session.query(Post).get(key).comments.count()
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop asks of a relation."""
    asked = sighting.asked
    if asked.framework is not Framework.SQLALCHEMY or asked.kind not in {Kind.SUBSET, Kind.FIGURE} or asked.row is None:
        return None
    assert asked.relation is not None
    model, key = asked.model.name if asked.model else "…", f"{asked.row.model.name.lower()}_id"
    counts = asked.kind is Kind.FIGURE
    chosen = f"select({model}.{key}, func.count())" if counts else f"select({model})"
    remedy = f"{chosen}.where({model}.{key}.in_(keys)){f'.group_by({model}.{key})' if counts else ''}, before the loop"
    if asked.model is None or key not in asked.model.columns:
        remedy = f"ask for the {asked.relation.name} of all rows at once, with in_(keys), before the loop"
    return Found(remedy, f".{asked.relation.name} is a query that is never kept")
