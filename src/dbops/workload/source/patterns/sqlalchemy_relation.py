"""A relation of each row, which SQLAlchemy loads when it is touched.

Why: A relationship is lazy unless told otherwise: `post.comments` is a query for each post the first time it is
touched. With an async session it is no query but an error.

Instead: `options(selectinload(Post.comments))` asks once for the comments of all posts, `joinedload(Post.author)` joins
what is one row; or set `lazy="selectin"` where each reader needs them.
"""

from __future__ import annotations

from dbops.workload.source import remedies
from dbops.workload.source.asked import Kind, Sighting, Where
from dbops.workload.source.models import Framework
from dbops.workload.source.pattern import Found

_MODELS = """\
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

class Base(DeclarativeBase): pass

class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list["Post"]] = relationship(back_populates="author")

class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="posts")
"""
BAD = [
    _MODELS
    + """
def authors(session: Session):
    return [post.author.id for post in session.scalars(select(Post))]
""",
    _MODELS
    + """
def posts(session: Session):
    for author in session.query(Author).all():
        print(len(author.posts))
""",
]
GOOD = [
    _MODELS
    + """
def authors(session: Session):
    return [post.author.id for post in session.scalars(select(Post).options(joinedload(Post.author)))]
""",
    _MODELS
    + """
def keys(session: Session):
    return [post.author_id for post in session.scalars(select(Post))]
""",
]


def find(sighting: Sighting) -> Found | None:
    """Judge what a loop of Python touches."""
    asked = sighting.asked
    if asked.framework is not Framework.SQLALCHEMY or asked.kind not in {Kind.OBJECT, Kind.ROWS}:
        return None
    if asked.row is None or remedies.walks(sighting) or sighting.loop.where in {Where.TEMPLATE, Where.SERIALIZER}:
        return None
    assert asked.relation is not None
    return Found(remedies.loading(asked.row, asked.relation), f".{asked.relation.name} is a query for each row")
