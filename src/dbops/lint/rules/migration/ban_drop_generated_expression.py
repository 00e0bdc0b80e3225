"""`DROP EXPRESSION` makes a computed column a plain one, which nothing fills any more.

Why: The values that are there stay, and go stale; new rows get NULL, or fail where the column is NOT NULL. Nothing
tells the code that reads it.

Instead: First release code (or a trigger) that writes the column, in the same release in which this migration runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import column_is_new, subcommands, undone
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, net bigint, "
    "gross bigint GENERATED ALWAYS AS (net * 119 / 100) STORED)\n"
    "ALTER TABLE orders ALTER COLUMN gross DROP EXPRESSION",
)
GOOD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, a bigint GENERATED ALWAYS AS (id) STORED);\n"
    "ALTER TABLE orders ALTER a DROP EXPRESSION",
)


def check(change: Change) -> Iterator[Found]:
    """Find generated columns that are computed no longer."""
    if not change.is_shared():
        return
    for command, (start, end) in subcommands(change, "AT_DropExpression"):
        if not (undone(change, change.target, command.name) or column_is_new(change, command.name)):
            column = Relation(None, command.name)
            yield Found(
                f"{change.target}.{column} is computed no longer: old values go stale, new rows get none",
                f"release code that writes {column} together with this migration, or let a trigger do it",
                start,
                end,
            )
