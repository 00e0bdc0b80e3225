"""`SET NOT NULL` scans the table under a lock that stops reads and writes.

Why: It takes an ACCESS EXCLUSIVE lock and reads every row to see that none is null.

Instead: Add a constraint that says the same `NOT VALID`, validate it in a later transaction (reads and writes go on),
then `SET NOT NULL`, which finds the proof and scans nothing. Drop a CHECK by a statement of its own: one that the same
ALTER TABLE drops is gone before it is looked for.

Versions: Since PostgreSQL 18 a NOT NULL constraint itself can be NOT VALID; before, it takes a CHECK.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import in_turn
from dbops.lint.changes.passes import proven_not_null
from dbops.lint.rule import Found
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.model import Check
from dbops.schema.naming import object_name
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = Mode.ACCESS_EXCLUSIVE
SCANS = True
_CONSTRAINT_SINCE = 18
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
BAD = (
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN total SET NOT NULL",
    f"{_TABLE}-- schema: ALTER TABLE orders ADD CONSTRAINT present CHECK (total IS NOT NULL) NOT VALID\n"
    "ALTER TABLE orders ALTER COLUMN total SET NOT NULL",
    f"{_TABLE}-- schema: ALTER TABLE orders ADD CONSTRAINT present CHECK (total IS NOT NULL)\n"
    "ALTER TABLE orders ALTER COLUMN total SET NOT NULL, DROP CONSTRAINT present",
)
GOOD = (
    f"{_TABLE}-- schema: ALTER TABLE orders ADD CONSTRAINT present CHECK (total IS NOT NULL) NOT VALID\n"
    "-- schema: ALTER TABLE orders VALIDATE CONSTRAINT present\n"
    "ALTER TABLE orders ALTER COLUMN total SET NOT NULL;\n"
    "ALTER TABLE orders DROP CONSTRAINT present",
    f"{_TABLE}ALTER TABLE orders ALTER COLUMN id SET NOT NULL",
    "CREATE TABLE lines (id bigint);\nALTER TABLE lines ALTER id SET NOT NULL",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that are scanned for nulls."""
    if not change.is_shared():
        return
    for (start, end), command in zip(change.pieces(), change.commands, strict=True):
        if choice(command, "subtype") == "AT_SetNotNull" and not proven_not_null(change, command.name):
            word = change.word("SET", "NOT", "NULL", after=start)
            mode = change.locks[0].mode
            yield Found(
                f"SET NOT NULL of {command.name} scans {change.sized()} under an {mode} lock: {mode.blocks} wait",
                _hint(change, command.name),
                start if word is None else word.start - len("SET NOT "),
                end,
                weighed(change.table(), SEVERITY),
            )


def _hint(change: Change, column: str) -> str:
    table, name = change.target, Relation(None, column)
    known = change.table()
    for check_ in () if known is None else known.checks:
        if check_.not_null == column:
            return _with_check(change, name, check_)
    proof = Relation(None, object_name(table.name, column, "not_null"))
    validate = f"ALTER TABLE {table} VALIDATE CONSTRAINT {proof};"
    if change.pg_version >= _CONSTRAINT_SINCE:
        return in_turn(f"ALTER TABLE {table} ADD CONSTRAINT {proof} NOT NULL {name} NOT VALID;", validate)
    return in_turn(
        f"ALTER TABLE {table} ADD CONSTRAINT {proof} CHECK ({name} IS NOT NULL) NOT VALID;",
        validate,
        f"ALTER TABLE {table} ALTER {name} SET NOT NULL;\nALTER TABLE {table} DROP CONSTRAINT {proof};",
    )


def _with_check(change: Change, column: Relation, check_: Check) -> str:
    """Return the way with a CHECK that is there, not yet validated or dropped too early."""
    table, name = change.target, Relation(None, check_.name)
    if check_.validated:
        return f"ALTER TABLE {table} ALTER {column} SET NOT NULL;\nALTER TABLE {table} DROP CONSTRAINT {name};"
    return f"-- in a migration before:\nALTER TABLE {table} VALIDATE CONSTRAINT {name};"
