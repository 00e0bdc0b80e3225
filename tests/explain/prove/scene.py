"""A database of orders, and proving on it as a program does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.plan.tree import plan_of
from dbops.explain.prove.prove import prove
from dbops.explain.prove.trial import Limits, Proof, Trial
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.explain import Options, explain
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.target import identify
from dbops.results.progress import Event
from dbops.sql.nodes import Relation

QUICK = Limits(seconds=0.1, write_rows=200)
"""Few runs, for tests that are about something else than times."""

ORDERS = """
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer int NOT NULL,
    total numeric NOT NULL,
    note text
);
INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 1000) AS n;
INSERT INTO orders (customer, total, note)
    SELECT 1 + n % 1000, n, repeat('x', 40) FROM generate_series(1, 30000) AS n;
ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers;
ANALYZE;
"""


def index(table: str, *columns: str, schema: str = "public", **rest: Any) -> Candidate:
    """Return a candidate on columns of a table."""
    return Candidate(Relation(schema, table), tuple(Key(f'"{name}"', name) for name in columns), **rest)


@dataclass
class Database:
    """A database to prove on, and the server its tables are copied to (None: one that is started each time)."""

    dsn: str
    scratch: str | None
    events: list[Event] = field(default_factory=list)

    def execute(self, *statements: str) -> None:
        with closing(psycopg.connect(self.dsn, autocommit=True, connect_timeout=10)) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str, dsn: str | None = None) -> list[tuple[Any, ...]]:
        """Return what a query gives, spelt alike on every server."""
        spelling = "-c lc_monetary=C -c TimeZone=UTC"
        with closing(
            psycopg.connect(dsn or self.dsn, autocommit=True, connect_timeout=10, options=spelling)
        ) as connection:
            return connection.execute(query).fetchall()

    def prove(
        self,
        query: str,
        *sets: tuple[Candidate, ...],
        limits: Limits = QUICK,
        dsn: str | None = None,
        settings: dict[str, str] | None = None,
        on_event: Callable[[Event], None] = lambda _event: None,
    ) -> Proof:
        """Explain the query and prove the sets, as a role that ``dsn`` names."""

        def report(event: Event) -> None:
            self.events.append(event)
            on_event(event)

        named = Dsn(dsn or self.dsn, "a test")
        with Interrupt() as interrupt, closing(connect(named, "a test", interrupt)) as session:
            plan = plan_of(explain(session, query, identify(session).version, Options()))
            return prove(
                session,
                Trial(query, sets, settings or {}),
                plan,
                dsn=named,
                scratch_dsn=None if self.scratch is None else Dsn(self.scratch, "--scratch-dsn"),
                limits=limits,
                report=report,
                interrupt=interrupt,
            )
