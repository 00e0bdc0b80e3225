"""A shop with enough rows for indexes to matter, on a real server, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg

from dbops.explain.advise.advice import Advice, Chosen
from dbops.explain.advise.advise import Budget, advise
from dbops.explain.plan.tree import plan_of
from dbops.postgres.catalog import read
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.explain import Options, explain
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.postgres.target import identify
from dbops.results.explain import Basis
from dbops.results.plan import Plan
from dbops.schema.catalog import schema_of
from dbops.schema.model import Schema

TABLES = """
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, email varchar(100) NOT NULL, country text,
    created_at timestamptz NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, status text NOT NULL,
    placed_at timestamptz NOT NULL, total numeric(10, 2) NOT NULL, paid boolean NOT NULL, note text, data jsonb,
    tags text[], deleted_at timestamptz);
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint NOT NULL, product_id int NOT NULL, qty int NOT NULL);
CREATE TABLE events (id bigint, at timestamptz NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2023-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2023-02-01') TO ('2024-01-01');
CREATE TABLE settings (name text, value text);
CREATE VIEW open_orders AS
    SELECT o.id, o.placed_at, c.email, o.total FROM orders o JOIN customers c ON c.id = o.customer_id
    WHERE o.status = 'new' AND o.deleted_at IS NULL;
INSERT INTO customers SELECT i, 'Customer ' || md5(i::text), 'User' || i || '@example.com', 'c' || i % 40,
    timestamptz '2020-01-01' + i * interval '1 hour' FROM generate_series(1, 5000) AS i;
INSERT INTO orders SELECT i, 1 + (i * 7919) % 5000, CASE WHEN i % 500 = 0 THEN 'new' WHEN i % 10 = 0 THEN 'sent'
    ELSE 'done' END, timestamptz '2023-01-01' + i * interval '3 min', (i % 1000) / 10.0, i % 20 <> 0,
    md5(i::text) || md5((i * 3)::text), jsonb_build_object('kind', 'k' || i % 300),
    array['t' || i % 500], CASE WHEN i % 100 = 0 THEN now() END FROM generate_series(1, 40000) AS i;
INSERT INTO lines SELECT i, 1 + (i * 31) % 40000, 1 + (i * 17) % 1000, 1 + i % 5 FROM generate_series(1, 80000) AS i;
INSERT INTO events SELECT i, timestamptz '2023-01-01' + i * interval '2 min', 'k' || i % 400
    FROM generate_series(1, 40000) AS i;
INSERT INTO settings SELECT 'n' || i, 'v' FROM generate_series(1, 50) AS i;
CREATE INDEX orders_customer ON orders (customer_id);
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """The database; ``offered`` are the extensions the server has."""

    dsn: str
    offered: frozenset[str]

    @property
    def basis(self) -> Basis:
        """What the planner's word, or else dbops's own, is worth here."""
        return Basis.PLANNED if "hypopg" in self.offered else Basis.ESTIMATED


@dataclass(frozen=True, slots=True)
class Visit:
    """A session at the shop, with what is known at its beginning."""

    session: Session
    version: int
    schema: Schema

    def plan(self, query: str, *, analyze: bool = False) -> Plan:
        return plan_of(explain(self.session, query, self.version, Options(analyze=analyze)))

    def advise(self, query: str, *, literals: Sequence[str] = (), analyze: bool = False, plans: int = 150) -> Advice:
        plan = self.plan(query, analyze=analyze)
        budget = Budget(plans=plans, seconds=60)  # a loaded machine makes nothing of the advice
        return advise(self.session, query, plan, self.schema, self.version, literals=literals, budget=budget)


def opened(dsn: str) -> Shop:
    """Make the tables in an empty database, and HypoPG where the server has it, outside of the search path."""
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(TABLES)
        connection.execute("VACUUM ANALYZE")
        offered = frozenset(name for (name,) in connection.execute("SELECT name FROM pg_available_extensions"))
        if "hypopg" in offered:
            connection.execute("CREATE SCHEMA tools; CREATE EXTENSION hypopg SCHEMA tools")
    return Shop(dsn, offered)


@contextmanager
def visit(dsn: str) -> Iterator[Visit]:
    with Interrupt() as interrupt, closing(connect(Dsn(dsn, "a test"), "test", interrupt)) as session:
        version = identify(session).version
        yield Visit(session, version, schema_of(read(session, version)))


@contextmanager
def built(dsn: str, indexes: Sequence[Chosen]) -> Iterator[None]:
    """Really make the indexes that are advised, with what they require, and take them away again."""
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        try:
            for each in indexes:
                for statement in (*each.candidate.requires, *each.create):
                    connection.execute(statement.encode())
            for table in {each.candidate.table for each in indexes}:
                connection.execute(f"VACUUM ANALYZE {table}".encode())
            yield
        finally:
            for each in indexes:
                for statement in each.drop:
                    connection.execute(statement.encode())
            connection.execute("DROP EXTENSION IF EXISTS pg_trgm")


def used(plan: Plan) -> set[str]:
    """Return the names of the indexes that a plan reads."""
    return {node.index for node in plan.nodes() if node.index is not None}


def contents(dsn: str) -> list[tuple[object, ...]]:
    """Return all relations, indexes, extensions and settings of the database."""
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        return connection.execute(
            "SELECT 'relation', oid::text, relname::text, relfilenode::text, reltuples::text FROM pg_class"
            " UNION ALL SELECT 'index', indexrelid::text, indkey::text, indisvalid::text, NULL FROM pg_index"
            " UNION ALL SELECT 'extension', oid::text, extname::text, extversion, NULL FROM pg_extension"
            " UNION ALL SELECT 'setting', setrole::text, setconfig::text, NULL, NULL FROM pg_db_role_setting"
            " ORDER BY 1, 2, 3"
        ).fetchall()
