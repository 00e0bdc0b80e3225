"""SQLAlchemy 1.x and 2.x, with async sessions, Flask-SQLAlchemy and SQLModel."""

from __future__ import annotations

MODELS = """\
from __future__ import annotations

from sqlalchemy import ForeignKey, Text, and_, func, or_, select
from sqlalchemy.orm import (
    DeclarativeBase, DynamicMapped, Mapped, Session, WriteOnlyMapped, contains_eager, joinedload, load_only,
    mapped_column, relationship, selectinload, subqueryload,
)

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    posts: Mapped[list[Post]] = relationship(back_populates="author")

class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped["Author"] = relationship(back_populates="posts")
    comments: Mapped[list["Comment"]] = relationship(back_populates="post")
    tags: Mapped[list["Tag"]] = relationship(lazy="selectin")
    votes: DynamicMapped["Vote"] = relationship()
    visits: WriteOnlyMapped["Visit"] = relationship()

    @property
    def byline(self):
        return "by " + self.author.name

class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    post: Mapped[Post] = relationship(back_populates="comments")
    author: Mapped[Author | None] = relationship()

class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))

class Vote(Base):
    __tablename__ = "votes"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))

class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))

"""
OLD = """\
from sqlalchemy import Column, ForeignKey, Integer, Table, Text
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import backref, joinedload, relationship

Base = declarative_base()
labels = Table("labels", Base.metadata, Column("book_id", ForeignKey("books.id")), Column("label_id", Integer))

class Shelf(Base):
    __tablename__ = "shelves"
    id = Column(Integer, primary_key=True)
    name = Column(Text)

class Label(Base):
    __tablename__ = "label"
    id = Column(Integer, primary_key=True)

class Book(Base):
    __tablename__ = "books"
    id = Column(Integer, primary_key=True)
    shelf_id = Column(Integer, ForeignKey("shelves.id"))
    shelf = relationship("Shelf", backref="books")
    labels = relationship(Label, secondary=labels)
    pages = relationship("Page", lazy="joined")

class Page(Base):
    __tablename__ = "pages"
    id = Column(Integer, primary_key=True)
    book_id = Column(Integer, ForeignKey("books.id"))

"""


def app(body: str) -> dict[str, str]:
    return {"blog/models.py": MODELS, "blog/app.py": "from .models import *\n\n" + body}


def old(body: str) -> dict[str, str]:
    return {"app.py": OLD + body}
