"""A column that the query left out, and that the loop then reads of each row.

Why: `only("title")`, `defer("body")`, `load_only` and `deferred` keep columns out of the query. Touching one of
them asks for it, once for each row.

Instead: Name the column in the query, or don't leave it out.
"""

from __future__ import annotations

from dbops.workload.source.asked import Kind, Sighting
from dbops.workload.source.pattern import Found

BAD = [
    """\
from django.db import models

class Post(models.Model):
    title = models.TextField()
    body = models.TextField()

def bodies():
    return [post.body for post in Post.objects.only("title")]
""",
    """\
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, load_only, mapped_column

class Base(DeclarativeBase): pass

class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column()
    body: Mapped[str] = mapped_column()

def bodies(session):
    return [post.body for post in session.scalars(select(Post).options(load_only(Post.title)))]
""",
]
GOOD = [
    """\
from django.db import models

class Post(models.Model):
    title = models.TextField()
    body = models.TextField()

def bodies():
    return [post.body for post in Post.objects.only("title", "body")]
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge a column that a loop touches."""
    asked = sighting.asked
    if asked.kind is not Kind.COLUMN or asked.row is None:
        return None
    remedy = f'take "{asked.text}" into the query: {asked.row.root.text}'
    return Found(remedy, f"the query leaves .{asked.text} out, so that it is asked for each row")
