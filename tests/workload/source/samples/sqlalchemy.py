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


POSITIVE: dict[str, dict[str, str]] = {
    "one row": app("""\
def names(session: Session):
    for post in session.scalars(select(Post)):
        print(post.author.name)  # asks
"""),
    "one row, in a comprehension": app("""\
def names(session):
    return [post.author.name for post in session.scalars(select(Post).order_by(Post.id)).all()]  # asks
"""),
    "rows": app("""\
def texts(session):
    statement = select(Post).where(Post.title == "x")
    for post in session.execute(statement).scalars():
        print([comment.text for comment in post.comments])  # asks
"""),
    "a number of rows": app("""\
def counts(session):
    return {post.id: len(post.comments) for post in session.scalars(select(Post)).unique().all()}  # asks
"""),
    "tuples of one": app("""\
def names(session):
    for (post,) in session.execute(select(Post)):
        print(post.author.name)  # asks
"""),
    "tuples by name": app("""\
def names(session):
    for row in session.execute(select(Post)).all():
        print(row.Post.author.name)  # asks
"""),
    "tuples of two": app("""\
def names(session):
    for post, count in session.execute(select(Post, func.count()).group_by(Post.id)):
        print(post.author.name, count)  # asks
"""),
    "a query of a session": app("""\
def names(session):
    for post in session.query(Post).filter(Post.id > 0).all():
        print(post.author.name)  # asks
"""),
    "a query that is gone over": app("""\
def names(session):
    for post in session.query(Post):
        print(post.author.name)  # asks
"""),
    "another relation was loaded": app("""\
def names(session):
    for post in session.scalars(select(Post).options(selectinload(Post.comments))):
        print(post.author.name)  # asks
"""),
    "nested, the outer one loaded": app("""\
def authors(session):
    for post in session.scalars(select(Post).options(selectinload(Post.comments))):
        print([comment.author.name for comment in post.comments])  # asks
"""),
    "comments of one post": app("""\
def authors(session, key):
    post = session.get(Post, key)
    for comment in post.comments:
        print(comment.author.name)  # asks
"""),
    "a dynamic relation": app("""\
def votes(session):
    for post in session.scalars(select(Post)):
        print(post.votes.count())  # asks
"""),
    "a relation that is only written": app("""\
def visits(session):
    for post in session.scalars(select(Post)):
        print(session.scalars(post.visits.select()).all())  # asks
"""),
    "a statement for each key": app("""\
def comments(session, keys):
    for key in keys:
        print(session.scalars(select(Comment).where(Comment.post_id == key)).all())  # asks
"""),
    "a statement for each row": app("""\
def comments(session):
    for post in session.scalars(select(Post)):
        print(session.execute(select(Comment).filter_by(post_id=post.id)).scalars().all())  # asks
"""),
    "a count for each": app("""\
def counts(session, keys):
    counted = select(func.count()).select_from(Comment)
    return [session.scalar(counted.where(Comment.post_id == key)) for key in keys]  # asks
"""),
    "a query for each": app("""\
def first(session, names):
    for name in names:
        print(session.query(Author).filter_by(name=name).first())  # asks
"""),
    "conditions put together": app("""\
def first(session, names):
    for name in names:
        statement = select(Author).where(and_(Author.name == name, Author.id > 3))
        print(session.scalars(statement).first())  # asks
"""),
    "get by key": app("""\
def authors(session, keys):
    return [session.get(Author, key) for key in keys]  # asks
"""),
    "get by key, of a query": app("""\
def authors(session, keys):
    return [session.query(Author).get(key) for key in keys]  # asks
"""),
    "async": app("""\
async def comments(session, keys):
    for key in keys:
        result = await session.execute(select(Comment).where(Comment.post_id == key))  # asks
        print(result.scalars().all())
"""),
    "async, with attributes that can be awaited": app("""\
async def texts(session):
    for post in (await session.scalars(select(Post))).all():
        print(await post.awaitable_attrs.comments)  # asks
"""),
    "async, gathered": app("""\
import asyncio

async def author(session, key):
    return await session.scalar(select(Author).where(Author.id == key))

async def authors(session, keys):
    return await asyncio.gather(*(author(session, key) for key in keys))  # asks
"""),
    "a property": app("""\
def bylines(session):
    return [post.byline for post in session.scalars(select(Post))]  # asks
"""),
    "a function that asks": app("""\
def author(session, post):
    return session.scalars(select(Author).where(Author.id == post.author_id)).one()

def authors(session):
    for post in session.scalars(select(Post)):
        print(author(session, post))  # asks
"""),
    "a repository": app("""\
class Posts:
    def __init__(self, session: Session):
        self.session = session

    def every(self):
        return self.session.scalars(select(Post)).all()

def names(session):
    for post in Posts(session).every():
        print(post.author.name)  # asks
"""),
    "columns left out": app("""\
def bodies(session):
    return [post.body for post in session.scalars(select(Post).options(load_only(Post.title)))]  # asks
"""),
    "old models": old("""\
def shelves(session):
    for book in session.query(Book).all():
        print(book.shelf.name)  # asks
"""),
    "old models, a backref": old("""\
def books(session):
    return [len(shelf.books) for shelf in session.query(Shelf)]  # asks
"""),
    "old models, many to many": old("""\
def labels_of(session):
    for book in session.query(Book).order_by(Book.id):
        print(book.labels)  # asks
"""),
    "old models, a key of two columns": {
        "app.py": """\
from sqlalchemy import Column, ForeignKeyConstraint, Integer
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()

class Version(Base):
    __tablename__ = "versions"
    __table_args__ = (ForeignKeyConstraint(["space", "model"], ["models.space", "models.id"]),)
    space = Column(Integer, primary_key=True)
    model = Column(Integer, primary_key=True)
    of = relationship("Model", backref="versions")

class Model(Base):
    __tablename__ = "models"
    space = Column(Integer, primary_key=True)
    id = Column(Integer, primary_key=True)

def versions(session):
    for model in session.query(Model):
        for version in model.versions:  # asks
            print(version.of.id)
""",
    },
    "Flask-SQLAlchemy": {
        "app.py": """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Shelf(db.Model):
    id = db.Column(db.Integer, primary_key=True)

class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    shelf_id = db.Column(db.ForeignKey("shelf.id"))
    shelf = db.relationship("Shelf")

def shelves():
    return [book.shelf.id for book in Book.query.filter_by(id=1).all()]  # asks

def chosen():
    for book in db.session.execute(db.select(Book)).scalars():
        print(book.shelf)  # asks
""",
    },
    "SQLModel": {
        "app.py": """\
from sqlmodel import Field, Relationship, Session, SQLModel, select

class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    heroes: list["Hero"] = Relationship(back_populates="team")

class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship(back_populates="heroes")

def teams(session: Session):
    for hero in session.exec(select(Hero)).all():
        print(hero.team)  # asks

def heroes(session: Session):
    return [len(team.heroes) for team in session.exec(select(Team))]  # asks
""",
    },
}
NEGATIVE: dict[str, dict[str, str]] = {
    "joinedload": app("""\
def names(session):
    return [post.author.name for post in session.scalars(select(Post).options(joinedload(Post.author)))]
"""),
    "selectinload": app("""\
def texts(session):
    for post in session.scalars(select(Post).options(selectinload(Post.comments))).all():
        print([comment.text for comment in post.comments])
"""),
    "options of get": app("""\
def authors(session, key):
    post = session.get(Post, key, options=[selectinload(Post.comments).joinedload(Comment.author)])
    return [comment.author.name for comment in post.comments]
"""),
    "subqueryload of a query": app("""\
def texts(session):
    for post in session.query(Post).options(subqueryload(Post.comments)).filter(Post.id > 3):
        print([comment.text for comment in post.comments])
"""),
    "a chain of options": app("""\
def authors(session):
    options = selectinload(Post.comments).joinedload(Comment.author)
    for post in session.scalars(select(Post).options(options)):
        print([comment.author.name for comment in post.comments])
"""),
    "options of options": app("""\
def authors(session):
    statement = select(Post).options(selectinload(Post.comments).options(joinedload(Comment.author)))
    for post in session.scalars(statement):
        print([comment.author.name for comment in post.comments])
"""),
    "contains_eager": app("""\
def names(session):
    statement = select(Post).join(Post.author).options(contains_eager(Post.author))
    return [post.author.name for post in session.scalars(statement)]
"""),
    "options by a function": app("""\
def names(session, options):
    return [post.author.name for post in session.scalars(select(Post).options(*options))]
"""),
    "loaded by the model": app("""\
def tags(session):
    for post in session.scalars(select(Post)):
        print(post.tags)
"""),
    "loaded by an old model": old("""\
def pages(session):
    return [len(book.pages) for book in session.query(Book)]
"""),
    "the way back": app("""\
def titles(session, key):
    author = session.get(Author, key)
    return [post.author.name for post in author.posts]
"""),
    "the column": app("""\
def keys(session):
    return [post.author_id for post in session.scalars(select(Post))]
"""),
    "columns alone": app("""\
def names(session):
    for title, name in session.execute(select(Post.title, Author.name).join(Author)):
        print(title, name)
"""),
    "in a list": app("""\
def authors(session, keys):
    return session.scalars(select(Author).where(Author.id.in_(keys))).all()
"""),
    "in a batch": app("""\
def authors(session, lists):
    for keys in lists:
        print(session.scalars(select(Author).where(Author.id.in_(keys))).all())
"""),
    "partitions": app("""\
def names(session):
    statement = select(Post).options(joinedload(Post.author))
    for some in session.scalars(statement).partitions(100):
        for post in some:
            print(post.author.name)
"""),
    "pages by key": app("""\
def pages(session, ends):
    for end in ends:
        print(session.scalars(select(Post).where(Post.id > end).order_by(Post.id).limit(100)).all())
"""),
    "pages by number": app("""\
def pages(session, starts):
    for start in starts:
        print(session.scalars(select(Post).order_by(Post.id).offset(start).limit(100)).all())
"""),
    "few, as written": app("""\
def authors(session):
    for name in ("Ann", "Bob"):
        print(session.scalars(select(Author).where(Author.name == name)).first())
"""),
    "few rows": app("""\
def names(session):
    return [post.author.name for post in session.scalars(select(Post).limit(3))]
"""),
    "writes": app("""\
from sqlalchemy import delete, insert, update

def write(session, names):
    for name in names:
        session.add(Author(name=name))
        session.execute(insert(Author).values(name=name))
        session.execute(update(Author).where(Author.name == name).values(name=name))
        session.execute(delete(Author).where(Author.name == name))
"""),
    "new rows": app("""\
def write(session, texts):
    post = Post(title="x")
    for text in texts:
        comment = Comment(text=text, post=post)
        print(comment.post.title)
"""),
    "a queue": app("""\
def take(session, names):
    for name in names:
        print(session.scalars(select(Author).where(Author.name == name).with_for_update(skip_locked=True)).first())
"""),
    "a worker": app("""\
def work(session, queue):
    while True:
        print(session.get(Post, queue.get()))
"""),
    "the same each time": app("""\
def compare(session, names):
    for name in names:
        print(name, session.scalar(select(func.count()).select_from(Author)))
"""),
    "an unknown row": app("""\
def names(things):
    return [thing.author.name for thing in things]
"""),
    "a dictionary's get": app(
        """\
def names(known, keys):
    return [known.get(Author, key) if False else known.get(key) for key in keys if known]
""".replace("known.get(Author, key) if False else ", "")
    ),
    "remembered": app("""\
def authors(session, keys):
    known = {}
    for key in keys:
        if key not in known:
            known[key] = session.get(Author, key)
        print(known[key])
"""),
    "a statement that is put together": app("""\
def posts(session, words):
    statement = select(Post)
    for word in words:
        statement = statement.where(Post.title.contains(word))
    return session.scalars(statement).all()
"""),
    "one row alone": app("""\
def name(session, key):
    return session.get(Post, key).author.name
"""),
    "silenced": app("""\
def names(session):
    for post in session.scalars(select(Post)):
        print(post.author.name)  # dbops: ignore nplusone-sqlalchemy-relation a handful of posts
"""),
}
POSITIVE = {f"SQLAlchemy, {name}": files for name, files in POSITIVE.items()}
NEGATIVE = {f"SQLAlchemy, {name}": files for name, files in NEGATIVE.items()}
