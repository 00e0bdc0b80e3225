"""A UNIQUE constraint added without USING INDEX builds its index under a lock that stops reads and writes.

Why: The ACCESS EXCLUSIVE lock of ALTER TABLE is held until the index is built.

Instead: Build the unique index first, with `CREATE UNIQUE INDEX CONCURRENTLY`, then add the constraint `USING INDEX`. A
partitioned table can't take an index so: each partition needs one, attached to one that was made ON ONLY the parent.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.columns import added_constraints
from dbops.lint.changes.indexing import concurrent_form
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
SCANS = True
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, number text)\n"
BAD = (
    f"{_TABLE}ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE (number)",
    f"{_TABLE}ALTER TABLE orders ADD UNIQUE (id, number)",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN email text UNIQUE",
)
GOOD = (
    f"{_TABLE}-- schema: CREATE UNIQUE INDEX orders_number_key ON orders (number)\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key",
    "CREATE TABLE lines (id bigint);\nALTER TABLE lines ADD UNIQUE (id)",
)


def check(change: Change) -> Iterator[Found]:
    """Find unique constraints that are built while everything waits."""
    if not change.is_shared():
        return
    for added in added_constraints(change, "CONSTR_UNIQUE"):
        if not added.constraint.indexname:
            mode = change.locks[0].mode
            yield change.found(
                f"adding the constraint builds its index under an {mode} lock on {change.sized()}: {mode.blocks} wait",
                concurrent_form(change, added, "UNIQUE", "key"),
                location=added.constraint.location,
                severity=weighed(change.table(), SEVERITY),
            )
