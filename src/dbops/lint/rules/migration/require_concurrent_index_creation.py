"""`CREATE INDEX` without CONCURRENTLY blocks writes to the table until the index is built.

Why: It holds a SHARE lock on the table for as long as the build takes: minutes on a large table. Reads go on; every
INSERT, UPDATE and DELETE waits.

Instead: `CREATE INDEX CONCURRENTLY`, outside of a transaction. If it fails it leaves an invalid index: drop that and
begin anew (dbops journals the statement, and does so itself when it resumes). A partitioned table can't be indexed
concurrently: create the index ON ONLY it, then one on each partition concurrently, and attach those.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.change import Change
from dbops.lint.rule import Found
from dbops.lint.size import described, weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

SEVERITY = Severity.WARNING
NODES = ("IndexStmt",)
LOCK = Mode.SHARE
FIXABLE = True
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)\n"
    "CREATE INDEX orders_customer_id ON orders (customer_id)",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)\n"
    "CREATE INDEX CONCURRENTLY orders_customer_id ON orders (customer_id)",
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);\n"
    "CREATE INDEX orders_customer_id ON orders (customer_id)",
)


def check(change: Change) -> Iterator[Found]:
    """Find indexes built under a lock on a table that others can see."""
    index = change.node
    if index.concurrent or change.is_new():
        return
    table = change.table()
    size = described(table)
    yield change.found(
        f"building the index holds a SHARE lock on {change.target}{f' ({size})' if size else ''}: writes wait until "
        "it is built",
        "CREATE INDEX CONCURRENTLY …, outside of a transaction",
        severity=weighed(table, SEVERITY),
        edits=change.inserted(change.word("INDEX"), " CONCURRENTLY") if change.may_stand_alone else (),
    )
