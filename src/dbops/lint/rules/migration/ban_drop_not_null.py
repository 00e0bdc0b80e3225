"""Dropping NOT NULL lets nulls reach code that has never met one.

Why: Running code, reports and other readers count on a value. The first null may come long after the change, and the
way back (SET NOT NULL) then fails until all of them are gone.

Instead: Release code that can read nulls first. As a step towards dropping the column it is right: say so with
`-- dbops: ignore ban-drop-not-null`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import altered_later, column_is_new, subcommands
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, email text NOT NULL)\n"
    "ALTER TABLE orders ALTER COLUMN email DROP NOT NULL",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, email text)\n"
    "ALTER TABLE orders ALTER COLUMN email DROP NOT NULL",
    "CREATE TABLE orders (id bigint PRIMARY KEY, email text NOT NULL);\n"
    "ALTER TABLE orders ALTER COLUMN email DROP NOT NULL",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, email text NOT NULL)\n"
    "ALTER TABLE orders ALTER COLUMN email DROP NOT NULL;\nALTER TABLE orders DROP COLUMN email",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that come to allow nulls."""
    if not change.is_shared():
        return
    for command, (start, end) in subcommands(change, "AT_DropNotNull"):
        if _allowed_before(change, command.name) or column_is_new(change, command.name):
            continue
        if not _dropped_later(change, command.name):
            column = Relation(None, command.name)
            yield Found(
                f"readers that count on a value in {change.target}.{column} fail on the first null",
                "-- release code that can read nulls first; the way back scans the table:\n"
                f"ALTER TABLE {change.target} ALTER COLUMN {column} SET NOT NULL",
                start,
                end,
            )


def _allowed_before(change: Change, name: str) -> bool:
    """Whether the column is known to allow nulls already, or did before the up that this down undoes."""
    for schema in (change.schema, change.script.base):
        table = None if schema is None else schema.table(change.target)
        column = None if table is None else table.column(name)
        if column is not None and column.nullable:
            return True
    return change.undone(change.target, name)


def _dropped_later(change: Change, name: str) -> bool:
    """Whether the same script drops the column."""
    return any(choice(each, "subtype") == "AT_DropColumn" and each.name == name for each in altered_later(change))
