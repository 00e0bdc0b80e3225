"""`LOCK TABLE` makes others wait until the transaction ends.

Why: Without a mode it is ACCESS EXCLUSIVE, the strongest one: nobody reads or writes the table until the last statement
of the transaction is done. Statements that change a table take the lock they need themselves.

Instead: Leave it out, or name the weakest mode that does: SHARE ROW EXCLUSIVE keeps out writes and other migrations,
and lets reads go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import inner, relation

SEVERITY = Severity.WARNING
NODES = ("LockStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
BAD = (
    f"{_TABLE}LOCK TABLE orders;\nALTER TABLE orders ADD COLUMN note text",
    f"{_TABLE}LOCK orders IN ACCESS EXCLUSIVE MODE NOWAIT",
)
GOOD = (
    f"{_TABLE}LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nLOCK TABLE orders",
)


def check(change: Change) -> Iterator[Found]:
    """Find tables that others use and that are locked against all of them."""
    for each in map(inner, change.node.relations):
        table = relation(each)
        mode = next((lock.mode for lock in change.locks if lock.relation == str(table)), None)
        if mode is LOCK and change.is_shared(table):
            yield change.found(
                f"{change.sized(table)} is locked {mode} until the transaction ends: {mode.blocks} wait",
                f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE; -- if reads may go on",
                location=each.location,
                words=1 if table.schema is None else 3,
            )
