"""SQLAlchemy 1.x and 2.x, with async sessions, Flask-SQLAlchemy and SQLModel: what asks in a loop."""

from __future__ import annotations

from tests.workload.source.samples.sqlalchemy.models import app, old

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
