"""`CREATE INDEX` without CONCURRENTLY blocks writes to the table until the index is built.

Why: It holds a SHARE lock on the table for as long as the build takes: minutes on a large table. Reads go on; every
INSERT, UPDATE and DELETE waits.

Instead: `CREATE INDEX CONCURRENTLY`, outside of a transaction. If it fails it leaves an invalid index: drop that and
begin anew (dbops journals the statement, and does so itself when it resumes; it asks for a name, to know what to drop).
A partitioned table can't be indexed concurrently: create the index ON ONLY it, then one on each partition concurrently,
and attach those.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change, Word
from dbops.lint.rule import Edit, Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.expression import figured
from dbops.schema.model import Table
from dbops.schema.naming import chosen, distinct, joined
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation, inner

SEVERITY = Severity.WARNING
NODES = ("IndexStmt",)
LOCK = Mode.SHARE
SCANS = True
FIXABLE = True
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)\n"
    "CREATE INDEX orders_customer_id ON orders (customer_id)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, email text)\nCREATE UNIQUE INDEX ON orders (lower(email))",
    "-- schema: CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at)\n"
    "-- schema: CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')\n"
    "CREATE INDEX events_at ON events (at)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "-- schema: CREATE MATERIALIZED VIEW totals AS SELECT sum(total) AS total FROM orders\n"
    "CREATE INDEX totals_total ON totals (total)",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)\n"
    "CREATE INDEX CONCURRENTLY orders_customer_id ON orders (customer_id)",
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);\n"
    "CREATE INDEX orders_customer_id ON orders (customer_id)",
    "CREATE TEMP TABLE batch (id bigint);\nCREATE INDEX batch_id ON batch (id)",
    "-- schema: CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at)\n"
    "-- schema: CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')\n"
    "CREATE INDEX events_at ON ONLY events (at)",
)


def check(change: Change) -> Iterator[Found]:
    """Find indexes built under a lock on a table that others can see."""
    index = change.node
    if index.concurrent or not change.is_shared():
        return
    if change.is_partitioned():
        if index.relation.inh:
            yield _partitioned(change)
        return
    table = change.table()
    if table is None and not index.relation.inh:
        return  # ON ONLY is for partitioned tables, where it builds nothing
    waiting = "a REFRESH of it waits" if table is not None and table.kind == "matview" else "writes wait"
    yield change.found(
        f"building the index holds a {change.locks[0].mode} lock on {change.sized()}: {waiting} until it is built",
        f"-- in a migration of its own (no transaction):\n{_concurrently(change)};",
        severity=weighed(table, SEVERITY),
        edits=_edits(change) if change.may_stand_alone and not change.node.if_not_exists else (),
    )


def _partitioned(change: Change) -> Found:
    name = change.node.idxname or _name(change)
    return change.found(
        f"building the index holds a {change.locks[0].mode} lock on {change.sized()} and its partitions: writes wait "
        "until all are built",
        f"{_on_only(change)};\n"
        "-- then CREATE INDEX CONCURRENTLY on each partition, each in a migration of its own,\n"
        f"-- and ALTER INDEX {name} ATTACH PARTITION … for each",
        severity=weighed(change.table(), SEVERITY),
    )


def _concurrently(change: Change) -> str:
    """Return the statement as it should be; without IF NOT EXISTS, which takes an invalid index for a good one."""
    return _opening(change, " CONCURRENTLY") + _behind_on(change)


def _on_only(change: Change) -> str:
    """Return the statement for a partitioned table alone."""
    return _opening(change, "") + "ONLY " + _behind_on(change)


def _opening(change: Change, concurrently: str) -> str:
    index = change.node
    name = Relation(None, index.idxname) if index.idxname else _name(change)
    return f"CREATE {'UNIQUE ' if index.unique else ''}INDEX{concurrently} {name} ON "


def _behind_on(change: Change) -> str:
    start = change.statement.offset(change.node.relation.location)
    return change.script.sql[start : change.statement.start + len(change.statement.text)]


def _name(change: Change) -> Relation:
    """Return the name that PostgreSQL would choose."""
    keys = [inner(key) for key in (*change.node.index_params, *change.node.index_including_params)]
    columns = [key.name or figured(inner(key.expr)) for key in keys]
    table = change.table() or Table(change.schema.qualified(change.target))
    return Relation(None, chosen(change.schema, table, joined(distinct(columns)), "idx"))


def _edits(change: Change) -> tuple[Edit, ...]:
    keyword: Word | None = change.word("INDEX")
    return change.inserted(keyword, " CONCURRENTLY" + ("" if change.node.idxname else f" {_name(change)}"))
