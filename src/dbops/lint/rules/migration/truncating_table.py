"""TRUNCATE empties a table while nobody can use it.

Why: All rows are gone, and no down brings them back. It takes an ACCESS EXCLUSIVE lock: reads and writes wait for it,
and it waits for all that use the table. Transactions that began before it see an empty table, not the rows as they
were.

Instead: If the rows are not needed, delete them in batches outside of the migration. If the table isn't, drop it in the
order that `ban-drop-table` tells.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.lint.script import Origin
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import choice, inner, relation

SEVERITY = Severity.WARNING
NODES = ("TruncateStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nTRUNCATE orders",
    "-- schema: CREATE TABLE carts (id bigint PRIMARY KEY)\n-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "TRUNCATE TABLE ONLY carts, orders RESTART IDENTITY",
)
GOOD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nTRUNCATE orders",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nDELETE FROM orders WHERE id = 1",
)


def check(change: Change) -> Iterator[Found]:
    """Find TRUNCATE without CASCADE, for which there is another rule."""
    if change.script.origin is Origin.PYTHON or choice(change.node, "behavior") == "DROP_CASCADE":
        return
    for each in map(inner, change.node.relations):
        table = relation(each)
        if change.is_shared(table):
            yield change.found(
                f"all rows of {change.sized(table)} are gone, and reads and writes wait for its {LOCK} lock",
                "delete the rows in batches outside of the migration",
                location=each.location,
                words=1 if table.schema is None else 3,
            )
