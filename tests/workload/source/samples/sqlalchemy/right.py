"""SQLAlchemy 1.x and 2.x, with async sessions, Flask-SQLAlchemy and SQLModel: what looks like it, and is right."""

from __future__ import annotations

from tests.workload.source.samples.sqlalchemy.models import app, old

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
