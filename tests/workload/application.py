"""A small shop, as applications are written: pages, a worker, a report, each in a session of its own.

What it asks is known, and what of it is a fault: the tests hold what the commands say against that.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import ClientCursor

from dbops.postgres.embedded import EmbeddedServer, temporary

SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "logging_collector": "on",
    "log_destination": "csvlog",
    "log_filename": "server.log",
    "log_min_duration_statement": "0",
    "pg_stat_statements.track_utility": "off",
}
SCHEMA = """
CREATE EXTENSION pg_stat_statements;
CREATE TABLE products (id int PRIMARY KEY, category int, title text, price numeric);
CREATE TABLE reviews (id serial PRIMARY KEY, product_id int REFERENCES products, stars int, body text);
CREATE INDEX ON reviews (product_id);
CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, seen timestamptz);
CREATE TABLE orders (id serial PRIMARY KEY, user_id int, placed date);
CREATE TABLE lines (order_id int, product_id int, count int);
CREATE INDEX ON lines (order_id);
CREATE TABLE carts (user_id int, product_id int, count int);
CREATE TABLE jobs (id serial PRIMARY KEY, state text, payload text);
CREATE TABLE pages (path text PRIMARY KEY, hits int);
CREATE TABLE settings (name text PRIMARY KEY, value text);
INSERT INTO products SELECT i, i % 12, 'product ' || i, i / 10.0 FROM generate_series(1, 400) AS i;
INSERT INTO products VALUES (0, 3, 'Käse 日本', 5);
INSERT INTO reviews (product_id, stars, body) SELECT i % 400 + 1, i % 5 + 1, 'fine' FROM generate_series(1, 4000) AS i;
INSERT INTO users SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 200) AS i;
INSERT INTO orders (user_id, placed) SELECT i % 200 + 1, date '2026-01-01' + i % 300 FROM generate_series(1, 4000) AS i;
INSERT INTO lines SELECT i % 4000 + 1, i % 400 + 1, 1 FROM generate_series(1, 20000) AS i;
INSERT INTO pages VALUES ('/', 0), ('/product', 0);
INSERT INTO settings SELECT 'setting ' || i, i FROM generate_series(1, 8) AS i;
ANALYZE;
"""
SETTING = "SELECT value FROM settings WHERE name = %s"
PRODUCTS = "SELECT id, title, price\n  FROM products  -- the newest\n WHERE category = %s\n ORDER BY id DESC\n LIMIT 8"
STARS = "SELECT avg(stars) FROM reviews WHERE product_id = %s"
ALL_STARS = "SELECT product_id, avg(stars) FROM reviews WHERE product_id = ANY(%s) GROUP BY product_id"
HIT = "UPDATE pages SET hits = hits + 1 WHERE path = %s"
LOGIN = "SELECT id FROM users WHERE email = %s"
SEEN = "UPDATE users SET seen = now() WHERE id = %s"
ADD = "INSERT INTO carts (user_id, product_id, count) VALUES (%s, %s, 1)"
CART = "SELECT product_id, count FROM carts WHERE user_id = %s"
ORDER = "INSERT INTO orders (user_id, placed) VALUES (%s, current_date) RETURNING id"
LINE = "INSERT INTO lines (order_id, product_id, count) VALUES (%s, %s, 1)"
PLACED = "SELECT count(*) FROM lines WHERE order_id = %s"
ORDERS = "SELECT id FROM orders WHERE user_id = %s ORDER BY id LIMIT 7"
CONTENT = "SELECT product_id, count FROM lines WHERE order_id = %s"
SEARCH = "SELECT id FROM products WHERE title = %s"
SOME = "SELECT id, title FROM products ORDER BY title LIMIT 20 OFFSET %s"
NEW_JOB = "INSERT INTO jobs (state, payload) VALUES ('new', %s)"
NEXT_JOB = "SELECT id, payload FROM jobs WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
DONE = "UPDATE jobs SET state = 'done' WHERE id = %s"
REPORT = """
SELECT p.category, date_trunc('month', o.placed) AS month, sum(l.count * p.price)
FROM orders AS o JOIN lines AS l ON l.order_id = o.id JOIN products AS p ON p.id = l.product_id
GROUP BY p.category, month ORDER BY p.category, month"""

LOOPS = {STARS: PRODUCTS, CONTENT: ORDERS}
"""What is asked once for each row, and what gave the rows."""
WRITES = frozenset({HIT, SEEN, ADD, ORDER, LINE, NEW_JOB, NEXT_JOB, DONE})
"""What a standby would refuse."""
FRESH = frozenset({CART})
"""What is only read right after its own session wrote it."""
WITHIN_WRITING = frozenset({PLACED})
"""What is only read in transactions that write."""
READS = frozenset({SETTING, PRODUCTS, STARS, ALL_STARS, LOGIN, ORDERS, CONTENT, SEARCH, SOME, REPORT})
"""What could go to a standby."""
NEVER_WRITTEN = frozenset({SETTING, PRODUCTS, SEARCH, SOME})
"""What is read of tables that nothing writes."""


@dataclass
class Shop:
    """The shop after its day: where it was, its log, and how often each statement was asked."""

    server: EmbeddedServer
    log: Path
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def dsn(self) -> str:
        return self.server.dsn()


class Client:
    """A session of the shop."""

    def __init__(self, shop: Shop, name: str, seed: int) -> None:
        self.connection = psycopg.connect(shop.dsn, autocommit=True, application_name=name)
        self.random = random.Random(seed)
        self._shop = shop

    def ask(self, sql: str, *values: object, comment: str = "", simple: bool = False) -> list[tuple]:
        """Ask, and count it; ``simple`` sends the values in the text."""
        self._shop.asked[sql] += 1
        cursor = ClientCursor(self.connection) if simple else self.connection.cursor()
        cursor.execute(sql + comment, values or None)
        return cursor.fetchall() if cursor.description else []


def _pages(client: Client) -> None:
    """Pages of a category: with its stars one by one, with all of them at once, and page by page."""
    for number in range(6):
        for _ in range(3):
            client.ask(SETTING, f"setting {client.random.randint(1, 8)}")
        trace = _trace(client, "/category")
        found = client.ask(PRODUCTS, number, comment=trace)
        for product, *_ in found:
            client.ask(STARS, product, comment=trace)
        client.ask(HIT, "/", comment=trace)
    with client.connection.transaction():
        trace = _trace(client, "/category")
        for product in client.ask(PRODUCTS, 9, comment=trace):
            client.ask(STARS, product[0], comment=trace)
    for number in range(6):
        trace = _trace(client, "/cured")
        found = client.ask(PRODUCTS, number, comment=trace)
        client.ask(ALL_STARS, [product for product, *_ in found], comment=trace)
        client.ask(HIT, "/product", comment=trace)
    for number in range(12):
        client.ask(SOME, number * 20)
    client.ask(SEARCH, "Käse 日本", simple=True)


def _trace(client: Client, route: str) -> str:
    """Return sqlcommenter's comment of one request."""
    return f" /*route='{route}',traceparent='00-{client.random.getrandbits(128):032x}-00f067aa0ba902b7-01'*/"


def _visits(client: Client) -> None:
    """Visitors who log in, fill a cart and order; each reads what they wrote."""
    for number in range(12):
        user = client.random.randint(1, 200)
        client.ask(LOGIN, f"user{user}@example.com", simple=number % 2 == 0)
        client.ask(SEEN, user)
        client.ask(ADD, user, client.random.randint(1, 400))
        client.ask(CART, user)
        with client.connection.transaction():
            ((order,),) = client.ask(ORDER, user)
            for product in range(1, 7):
                client.ask(LINE, order, product)
            client.ask(PLACED, order)
        client.ask(NEW_JOB, f"order {order}: bestätigen")


def _history(client: Client) -> None:
    """A job that reads what each of a customer's orders has, one by one."""
    for user in range(20, 25):
        with client.connection.transaction():
            for (order,) in client.ask(ORDERS, user):
                client.ask(CONTENT, order)


def _worker(client: Client) -> None:
    """A worker that takes one job after the other."""
    done = 0
    while done < 12:
        with client.connection.transaction():
            for job, _ in client.ask(NEXT_JOB):
                client.ask(DONE, job)
                done += 1
        threading.Event().wait(0.005)


def _report(client: Client) -> None:
    for _ in range(5):
        client.ask(REPORT)


SESSIONS: tuple[Callable[[Client], None], ...] = (_pages, _visits, _history, _worker, _report)


def run(shop: Shop, rounds: int = 1) -> None:
    """Let all sessions do their work at once, so many times. Raises what one of them did."""
    failed: list[BaseException] = []

    def work(number: int, do: Callable[[Client], None]) -> None:
        try:
            client = Client(shop, do.__name__.strip("_"), seed=number)
            with closing(client.connection):
                for _ in range(rounds):
                    do(client)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number, do)) for number, do in enumerate(SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


@contextmanager
def opened() -> Iterator[Shop]:
    """Start a server with the shop's tables, on which nothing was asked yet."""
    with temporary(settings=SETTINGS) as server:
        with closing(psycopg.connect(server.dsn(), autocommit=True)) as admin:
            admin.execute(SCHEMA)
            admin.execute("SELECT pg_stat_statements_reset()")
        log = server.data / "log" / "server.csv"
        yield Shop(server, log)
