"""CONCURRENTLY, and other statements that refuse a transaction, inside one.

Why: PostgreSQL refuses `CREATE INDEX CONCURRENTLY`, `VACUUM`, `ALTER SYSTEM` and some others in a transaction block:
the migration fails, and what the transaction did before is undone.

Instead: Run the statement outside of the transaction, in a migration of its own. dbops runs a migration with such a
statement outside of a transaction by itself, unless the file asks for one or begins one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.script import Origin
from dbops.results.lint import Severity
from dbops.sql.transactions import outside_transaction

SEVERITY = Severity.ERROR
FAILS = True
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "BEGIN;\nCREATE INDEX CONCURRENTLY orders_total ON orders (total);\nCOMMIT",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "-- plain\n"
    "BEGIN;\nALTER TABLE orders ADD note text;\nVACUUM orders;\nCOMMIT",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "CREATE INDEX CONCURRENTLY orders_total ON orders (total)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "-- plain\n"
    "BEGIN;\nALTER TABLE orders ADD note text;\nCOMMIT;\nVACUUM orders",
)


def check(change: Change) -> Iterator[Found]:
    """Find statements that their transaction makes fail."""
    command = outside_transaction(change.node) if change.in_transaction else None
    if command is None:
        return
    hint = "move it to a migration of its own, without BEGIN and without asking for a transaction"
    if change.script.origin is not Origin.MIGRATION:
        hint = "run it before BEGIN or after COMMIT"
    yield change.found(f"{command} can't run inside a transaction: PostgreSQL refuses it, and all is undone", hint)
