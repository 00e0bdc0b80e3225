"""``dbops nplusone --statements`` on a real server: the fault is suspected, its cure and what is right aren't."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.command import Ran, dbops
from conftest import Role
from testing.test_plugin import APPLICATIONS
from testing.test_plugin import SCHEMA as BLOG

SCHEMA = """
CREATE TABLE authors (id int PRIMARY KEY, name text);
CREATE TABLE posts (id int PRIMARY KEY, author_id int REFERENCES authors, title text);
CREATE TABLE sessions (key text PRIMARY KEY, user_id int);
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE jobs (id int PRIMARY KEY, state text);
INSERT INTO authors SELECT i, 'author ' || i FROM generate_series(1, 200) AS i;
INSERT INTO posts SELECT i, i, 'post ' || i FROM generate_series(1, 200) AS i;
INSERT INTO sessions SELECT i::text, i FROM generate_series(1, 200) AS i;
INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 200) AS i;
INSERT INTO jobs SELECT i, 'new' FROM generate_series(1, 200) AS i;
"""
PAGE = "SELECT id, author_id FROM posts ORDER BY id LIMIT 10 OFFSET %s"
AUTHOR = "SELECT name FROM authors WHERE id = %s"


def faulty(client: psycopg.Connection) -> None:
    """Show five pages of posts, and ask for the author of each."""
    for page in range(5):
        for _, author in client.execute(PAGE, (page * 10,)).fetchall():
            client.execute(AUTHOR, (author,))


def cured(client: psycopg.Connection) -> None:
    """The same, with one question for all authors of a page."""
    for page in range(5):
        authors = [author for _, author in client.execute(PAGE, (page * 10,)).fetchall()]
        client.execute("SELECT id, name FROM authors WHERE id = ANY(%s)", (authors,))


def busy(client: psycopg.Connection) -> None:
    """Requests with logins and single rows, a queue, pages, writes: many calls, and no loop."""
    for number in range(1, 61):
        client.execute("SELECT key, user_id FROM sessions WHERE key = %s", (str(number),))
        client.execute("SELECT * FROM users WHERE id = %s", (number,))
        client.execute("SELECT id, author_id FROM posts WHERE id = %s", (number,))
        client.execute(AUTHOR, (number,))
        client.execute("UPDATE users SET name = name WHERE id = %s", (number,))
        client.execute("SELECT id FROM jobs WHERE id = %s FOR UPDATE SKIP LOCKED", (number,))
    for page in range(6):
        client.execute(PAGE, (page * 10,))


@pytest.fixture
def shop(counted: psycopg.Connection) -> psycopg.Connection:
    counted.execute(SCHEMA)
    counted.execute(
        "SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return counted


def look(database: str, *words: str) -> Ran:
    return dbops("nplusone", "--statements", "--dsn", database, "-o", "json", *words)


def test_the_fault_is_suspected_with_its_source_and_cure(shop: psycopg.Connection, database: str) -> None:
    faulty(shop)
    ran = look(database)
    assert ran.status == 1
    (found,) = ran.data["findings"]
    assert (found["kind"], found["calls"], found["column"]) == ("suspected", 50, "id")
    assert found["query"] == "SELECT name FROM authors WHERE id = $1"
    assert found["source_query"].startswith("SELECT id, author_id FROM posts ORDER BY id LIMIT $")
    assert found["remedy"] == "SELECT name, id FROM authors WHERE id = ANY($1)"
    assert found["total_ms"] > 0
    assert (found["session"], found["distinct_parameters"], found["occurrences"]) == (None, None, None)
    assert found["why"] == (
        "10.0 calls for each call of the source, 1.00 for each row that it gave; posts.author_id refers to authors.id"
    )
    assert ran.meta["target"]["database"] == found["database"]


@pytest.mark.parametrize("workload", [cured, busy], ids=["cured", "busy"])
def test_what_is_right_is_not_suspected(
    shop: psycopg.Connection, database: str, workload: Callable[[psycopg.Connection], None]
) -> None:
    workload(shop)
    ran = look(database)
    assert (ran.status, ran.data["findings"]) == (0, [])
    assert ran.data["statements"] > 1


@pytest.mark.parametrize(("name", "hint"), [("Django", "select_related"), ("SQLAlchemy on psycopg", "joinedload")])
def test_the_fault_of_a_mapper_is_suspected_with_its_cure_and_the_cure_is_not(
    counted: psycopg.Connection, database: str, tmp_path: Path, name: str, hint: str
) -> None:
    counted.execute(BLOG)
    (tmp_path / "application.py").write_text(APPLICATIONS[name])

    def findings_after(run: str) -> list[dict[str, Any]]:
        environ = {**os.environ, "DSN": database}
        subprocess.run([sys.executable, "-c", f"import application; {run}"], cwd=tmp_path, env=environ, check=True)
        found: list[dict[str, Any]] = look(database).data["findings"]
        return found

    assert findings_after("application.run(True)") == []
    (found,) = findings_after("[application.run(False) for _ in range(3)]")
    assert (found["calls"], found["column"].replace('"', "")) == (24, "authors.id")
    assert hint in found["hint"]


def test_the_fault_is_suspected_beside_what_is_right(shop: psycopg.Connection, database: str) -> None:
    busy(shop)
    faulty(shop)
    for _ in range(3):
        faulty(shop)
    assert [found["query"] for found in look(database).data["findings"]] == ["SELECT name FROM authors WHERE id = $1"]


def test_an_interval_shows_what_is_called_in_it_alone(shop: psycopg.Connection, database: str) -> None:
    faulty(shop)
    ended = threading.Event()

    def work() -> None:
        with psycopg.connect(database, autocommit=True) as client:
            while not ended.is_set():
                busy(client)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        ran = look(database, "--for", "1.2s")
    finally:
        ended.set()
        worker.join()
    assert (ran.status, ran.data["findings"]) == (0, [])
    assert ran.data["measured_s"] >= 1.2


def test_where_nothing_is_called_nothing_is_ruled_out(shop: psycopg.Connection, database: str) -> None:
    ran = dbops("nplusone", "--statements", "--dsn", database, "--for", "0.2s")
    assert ran.status == 3
    assert "whether there are loops can't be told" in ran.out


def test_the_text_says_that_it_is_a_guess(shop: psycopg.Connection, database: str) -> None:
    faulty(shop)
    ran = dbops("nplusone", "--statements", "--dsn", database)
    assert ran.status == 1
    assert "suspected  50 calls, keys unknown" in ran.out
    assert "because 10.0 calls for each call of the source" in ran.out
    assert "· counters tell of no sessions and no keys" in ran.out


def test_what_another_role_calls_is_a_line_for_who_may_not_see_it(
    shop: psycopg.Connection, database: str, role: Callable[..., Role]
) -> None:
    faulty(shop)
    ran = look(role().dsn(database))
    assert ran.status == 3
    assert any("GRANT pg_read_all_stats" in note for note in ran.data["notes"])


def test_without_the_extension_it_says_what_to_do(database: str) -> None:
    ran = dbops("nplusone", "--statements", "--dsn", database)
    assert ran.status == 3
    assert "CREATE EXTENSION pg_stat_statements" in ran.everything


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--statements", "--log", "x"], "--statements and --log exclude each other"),
        (["--statements", "--follow"], "--statements and --follow exclude each other"),
        (["--log", "x", "--dsn", "postgresql://a"], "--log and --dsn exclude each other"),
        (["--log", "x", "--for", "3s"], "give --follow too, or leave --for out"),
        (["--log", "x", "--from-start"], "give --follow too, or leave --from-start out"),
        (["--statements", "--dsn", "embedded:x", "--database", "y"], "embedded:x is a database already"),
    ],
)
def test_contradictions_are_refused(words: list[str], said: str) -> None:
    ran = dbops("nplusone", *words)
    assert ran.status == 64
    assert said in ran.everything


@pytest.mark.fault
def test_ctrl_c_ends_it_at_once(shop: psycopg.Connection, database: str) -> None:
    command = [sys.executable, "-m", "dbops", "nplusone", "--statements", "--dsn", database, "--for", "10min"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()  # the target, when it looks
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in said
