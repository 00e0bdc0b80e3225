"""Dropping a column breaks the code that still names it, and its data are gone.

Why: Until the last old process is gone, queries that name the column fail, and so do ORMs that list all columns they
know of in every SELECT and INSERT. No down brings the data back.

Instead: First release code that neither reads nor writes the column (in an ORM: that ignores it), then drop it in a
later migration. Views, indexes and constraints on it go with it or stand in the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import column_is_new, subcommands, undone
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, note text)\nALTER TABLE orders DROP COLUMN note",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL, memo text)\n"
    "ALTER TABLE orders DROP note, DROP COLUMN IF EXISTS memo",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, note text)\nALTER TABLE orders ALTER note DROP NOT NULL",
    "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nALTER TABLE orders DROP COLUMN note",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "ALTER TABLE orders ADD COLUMN note text;\nALTER TABLE orders DROP COLUMN note",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that are dropped and that others can know of."""
    if not change.is_shared():
        return
    for command, (start, end) in subcommands(change, "AT_DropColumn"):
        if undone(change, change.target, command.name) or column_is_new(change, command.name):
            continue
        column = Relation(None, command.name)
        lost = "" if choice(change.node, "objtype") == "OBJECT_FOREIGN_TABLE" else ", and its data are gone"
        yield Found(
            f"code that still names {change.target}.{column} fails once it is dropped{lost}",
            _hint(change, column),
            start,
            end,
        )


def _hint(change: Change, column: Relation) -> str:
    table = change.table()
    known = None if table is None else table.column(column.name)
    drop = f"ALTER TABLE {change.target} DROP COLUMN {column};"
    if known is not None and known.nullable is False and known.default is None and not known.identity:
        optional = f"ALTER TABLE {change.target} ALTER COLUMN {column} DROP NOT NULL"
        return f"{optional}; -- so that code may leave it out\n-- in one after the last release that uses it:\n{drop}"
    return f"-- in a migration after the last release that reads or writes it (ORMs: ignore it there):\n{drop}"
