"""pytest's plugin on applications of each kind: with the fault a test fails, with the cure it passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

import dbops

SCHEMA = """
CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE posts (id int PRIMARY KEY, title text NOT NULL, author_id int NOT NULL REFERENCES authors);
INSERT INTO authors SELECT i, 'author ' || i FROM generate_series(1, 8) AS i;
INSERT INTO posts SELECT i, 'post ' || i, i FROM generate_series(1, 8) AS i;
"""

PSYCOPG = """
import os, psycopg
def names(connection, cured):
    posts = connection.execute("SELECT id, author_id FROM posts").fetchall()
    ids = [author for _, author in posts]
    if cured:
        return [name for name, in connection.execute("SELECT name FROM authors WHERE id = ANY(%s)", (ids,))]
    return [connection.execute("SELECT name FROM authors WHERE id = %s", (id,)).fetchone()[0] for id in ids]
def run(cured):
    with psycopg.connect(os.environ["DSN"]) as connection:
        return names(connection, cured)
"""
ASYNC = """
import asyncio, os, psycopg
async def names(cured):
    async with await psycopg.AsyncConnection.connect(os.environ["DSN"]) as connection:
        posts = await (await connection.execute("SELECT id, author_id FROM posts")).fetchall()
        if cured:
            ids = [author for _, author in posts]
            return await (await connection.execute("SELECT name FROM authors WHERE id = ANY(%s)", (ids,))).fetchall()
        query = "SELECT name FROM authors WHERE id = %(id)s"
        return [await (await connection.execute(query, {"id": author})).fetchone() for _, author in posts]
def run(cured):
    return asyncio.run(names(cured))
"""
PSYCOPG2 = """
import os, psycopg2
def run(cured):
    connection = psycopg2.connect(os.environ["DSN"])
    cursor = connection.cursor()
    cursor.execute("SELECT author_id FROM posts")
    ids = [id for id, in cursor.fetchall()]
    names = []
    if cured:
        cursor.execute("SELECT name FROM authors WHERE id = ANY(%s)", (ids,))
        names = cursor.fetchall()
    else:
        for id in ids:
            cursor.execute("SELECT name FROM authors WHERE id = %s", (id,))
            names += cursor.fetchall()
    connection.close()
    return names
"""
SQLALCHEMY = """
import os, sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload
class Base(DeclarativeBase): pass
class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("authors.id"))
    author: Mapped[Author] = relationship()
def run(cured):
    import DRIVER
    engine = sa.create_engine("postgresql+DRIVER://", creator=lambda: DRIVER.connect(os.environ["DSN"]))
    with Session(engine) as session:
        query = sa.select(Post)
        posts = session.scalars(query.options(selectinload(Post.author)) if cured else query).all()
        names = [post.author.name for post in posts]
    engine.dispose()
    return names
"""
DJANGO = """
import os
from psycopg.conninfo import conninfo_to_dict
import django
from django.conf import settings
parts = conninfo_to_dict(os.environ["DSN"])
settings.configure(DATABASES={"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": parts["dbname"], "HOST": parts["host"],
    "PORT": parts.get("port", ""), "USER": parts["user"], "PASSWORD": parts.get("password", "")}})
django.setup()
from django.db import connection, models
class Author(models.Model):
    name = models.TextField()
    class Meta:
        app_label, db_table, managed = "blog", "authors", False
class Post(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, models.CASCADE)
    class Meta:
        app_label, db_table, managed = "blog", "posts", False
def run(cured):
    posts = Post.objects.select_related("author") if cured else Post.objects.all()
    names = [post.author.name for post in posts]
    connection.close()
    return names
"""
APPLICATIONS = {
    "psycopg": PSYCOPG,
    "psycopg, async": ASYNC,
    "psycopg2": PSYCOPG2,
    "SQLAlchemy on psycopg": SQLALCHEMY.replace("DRIVER", "psycopg"),
    "SQLAlchemy on psycopg2": SQLALCHEMY.replace("DRIVER", "psycopg2"),
    "Django": DJANGO,
}
HINTS = {
    "django": 'in Django select_related("author") on the query of posts',
    "sqlalchemy": "in SQLAlchemy .options(joinedload(….author)) on the query of posts",
    "psycopg": "in Django prefetch_related or select_related, in SQLAlchemy selectinload or joinedload",
}
TESTS = """
import pytest
from application import run
def test_faulty(): assert len(run(False)) == 8
def test_cured(): assert len(run(True)) == 8
@pytest.mark.dbops_nplusone(allow=True)
def test_allowed(): assert len(run(False)) == 8
@pytest.mark.dbops_nplusone(calls=9)
def test_short(): assert len(run(False)) == 8
@pytest.mark.dbops_nplusone(allow=True)
def test_many(assert_max_queries):
    with assert_max_queries(7):
        run(True)
    with pytest.raises(AssertionError, match=r"8 ×|1 ×"), assert_max_queries(7):
        run(False)
"""


def outcome(folder: Path, database: str, *words: str, tests: str = TESTS) -> subprocess.CompletedProcess[str]:
    """Run the application's tests in a process of their own, as its developers do."""
    (folder / "test_application.py").write_text(tests)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", *words],
        cwd=folder,
        env={**os.environ, "DSN": database, "PYTHONPATH": str(Path(dbops.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _loop(source: str) -> int:
    """Return the number of the line that asks for each author."""
    asks = ("post.author.name", "connection.execute(query", 'cursor.execute("SELECT name FROM authors WHERE id = %s')
    asks += ("return [connection.execute(",)
    return next(number for number, text in enumerate(source.splitlines(), 1) if any(ask in text for ask in asks))


@pytest.fixture
def blog(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
    return database


@pytest.mark.parametrize("source", APPLICATIONS.values(), ids=APPLICATIONS.keys())
def test_the_fault_fails_a_test_and_the_cure_passes(tmp_path: Path, blog: str, source: str) -> None:
    (tmp_path / "application.py").write_text(source)
    done = outcome(tmp_path, blog, "--dbops-nplusone")
    assert "FAILED test_application.py::test_faulty" in done.stdout, done.stdout
    for passed in ("test_cured", "test_allowed", "test_short", "test_many"):
        assert f"PASSED test_application.py::{passed}" in done.stdout, done.stdout
    line = _loop(source)
    assert f"application.py:{line}: 8 × SELECT" in done.stdout
    assert "= ANY($1)" in done.stdout
    assert next((hint for mapper, hint in HINTS.items() if mapper in source), HINTS["psycopg"]) in done.stdout


def test_without_the_option_nothing_is_listened_to(tmp_path: Path, blog: str) -> None:
    (tmp_path / "application.py").write_text(PSYCOPG)
    done = outcome(tmp_path, blog, "-k", "faulty")
    assert "1 passed" in done.stdout


def test_more_statements_than_expected_are_listed(tmp_path: Path, blog: str) -> None:
    (tmp_path / "application.py").write_text(PSYCOPG)
    tests = (
        "from application import run\ndef test_few(assert_max_queries):\n    with assert_max_queries(3): run(False)\n"
    )
    done = outcome(tmp_path, blog, tests=tests)
    assert "9 queries, and at most 3 were expected" in done.stdout
    assert "8 × SELECT name FROM authors WHERE id = %s" in done.stdout


def test_a_statement_that_fails_is_heard_and_its_error_raised(tmp_path: Path, blog: str) -> None:
    (tmp_path / "application.py").write_text(PSYCOPG)
    tests = (
        "import os, psycopg, pytest\ndef test_bad(assert_max_queries):\n"
        "    with assert_max_queries(1), psycopg.connect(os.environ['DSN']) as c, pytest.raises(psycopg.Error):\n"
        "        c.execute('SELECT nothing')\n"
    )
    assert "1 passed" in outcome(tmp_path, blog, "--dbops-nplusone", tests=tests).stdout


def test_the_plugin_imports_nothing_of_dbops_until_it_is_asked(tmp_path: Path) -> None:
    tests = (
        "import sys\ndef test_light():\n"
        "    assert [name for name in sys.modules if name.startswith('dbops.') and 'testing' not in name] == []\n"
    )
    done = outcome(tmp_path, "", tests=tests)
    assert "1 passed" in done.stdout, done.stdout
