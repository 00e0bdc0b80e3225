"""Statements as text, by psycopg, asyncpg and connections of frameworks."""

from __future__ import annotations


def app(body: str) -> dict[str, str]:
    return {"app.py": body}


POSITIVE: dict[str, dict[str, str]] = {
    "psycopg": app("""\
import psycopg

def names(dsn):
    with psycopg.connect(dsn) as connection:
        posts = connection.execute("SELECT id, author_id FROM posts").fetchall()
        for _, author in posts:
            print(connection.execute("SELECT name FROM authors WHERE id = %s", (author,)).fetchone())  # asks
"""),
    "psycopg, a cursor": app("""\
def names(connection, keys):
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT name FROM authors WHERE id = %(key)s", {"key": key})  # asks
            print(cursor.fetchone())
"""),
    "psycopg, a query in a variable": app("""\
QUERY = "SELECT count(*) FROM comments WHERE post_id = %s"

def counts(cursor, posts):
    return [cursor.execute(QUERY, (post,)).fetchone() for post in posts]  # asks
"""),
    "psycopg, async": app("""\
async def names(connection, keys):
    for key in keys:
        cursor = await connection.execute("SELECT name FROM authors WHERE id = %s", [key])  # asks
        print(await cursor.fetchone())
"""),
    "a formatted query": app("""\
def names(cursor, keys):
    for key in keys:
        cursor.execute(f"SELECT name FROM authors WHERE id = {key}")  # asks
"""),
    "asyncpg": app("""\
async def names(pool, keys):
    return [await pool.fetchrow("SELECT name FROM authors WHERE id = $1", key) for key in keys]  # asks
"""),
    "Django's connection": app("""\
from django.db import connection

def names(keys):
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT name FROM authors WHERE id = %s", [key])  # asks
            yield cursor.fetchone()[0]
"""),
    "SQLAlchemy's text": app("""\
from sqlalchemy import text

def names(connection, keys):
    for key in keys:
        print(connection.execute(text("SELECT name FROM authors WHERE id = :id"), {"id": key}).scalar())  # asks
"""),
    "a function that asks": app("""\
def name(connection, key):
    return connection.execute("SELECT name FROM authors WHERE id = %s", (key,)).fetchone()[0]

def names(connection, keys):
    return {key: name(connection, key) for key in keys}  # asks
"""),
    "a repository": app("""\
class Authors:
    def __init__(self, connection):
        self.connection = connection

    def by_id(self, key):
        return self.connection.execute("SELECT name FROM authors WHERE id = %s", (key,)).fetchone()

def names(connection, keys):
    authors = Authors(connection)
    for key in keys:
        print(authors.by_id(key))  # asks
"""),
}
NEGATIVE: dict[str, dict[str, str]] = {
    "any of an array": app("""\
def names(connection, keys):
    return connection.execute("SELECT name FROM authors WHERE id = ANY(%s)", (keys,)).fetchall()
"""),
    "any of a batch": app("""\
def names(connection, lists):
    for keys in lists:
        print(connection.execute("SELECT name FROM authors WHERE id = ANY(%s)", (keys,)).fetchall())
"""),
    "inserts": app("""\
def add(connection, names):
    for name in names:
        connection.execute("INSERT INTO authors (name) VALUES (%s) RETURNING id", (name,))
"""),
    "updates": app("""\
def rename(cursor, names):
    for key, name in names.items():
        cursor.execute("UPDATE authors SET name = %s WHERE id = %s", (name, key))
"""),
    "a write within a WITH": app("""\
def move(cursor, keys):
    for key in keys:
        cursor.execute("WITH gone AS (DELETE FROM a WHERE id = %s RETURNING *) INSERT INTO b SELECT * FROM gone", [key])
"""),
    "pages by OFFSET": app("""\
def pages(cursor, starts):
    for start in starts:
        cursor.execute("SELECT id FROM posts ORDER BY id LIMIT 100 OFFSET %s", (start,))
"""),
    "pages by key, for a tenant": app("""\
def pages(cursor, tenant):
    last = 0
    while last is not None:
        cursor.execute("SELECT id FROM posts WHERE tenant = 1 AND id > %s ORDER BY id LIMIT 100", (last,))
        last = cursor.fetchone()
"""),
    "a queue": app("""\
def take(cursor, queues):
    for queue in queues:
        cursor.execute("SELECT id FROM jobs WHERE queue = %s FOR UPDATE SKIP LOCKED LIMIT 1", (queue,))
"""),
    "a poller": app("""\
import time

def poll(cursor):
    while True:
        cursor.execute("SELECT id FROM jobs WHERE state = %s", ("new",))
        time.sleep(1)
"""),
    "a statement each": app("""\
def run(cursor, statements):
    for statement in statements:
        cursor.execute(statement)
"""),
    "tables as written": app("""\
def counts(cursor):
    for table in ("authors", "posts"):
        cursor.execute(f"SELECT count(*) FROM {table}")
"""),
    "the same each time": app("""\
def wait(cursor, names):
    for name in names:
        cursor.execute("SELECT state FROM jobs WHERE id = %s", (1,))
"""),
}
POSITIVE = {f"SQL, {name}": files for name, files in POSITIVE.items()}
NEGATIVE = {f"SQL, {name}": files for name, files in NEGATIVE.items()}
