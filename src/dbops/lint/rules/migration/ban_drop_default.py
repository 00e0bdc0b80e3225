"""Dropping a default breaks inserts that count on it.

Why: No row changes, and it takes no time however large the table is. But running code that leaves the column out gets
NULL from now on, and an error where the column is NOT NULL: the more the table is written to, the more such inserts
there are.

Instead: First release code that gives the value itself, then drop the default in a later migration. How bad it is
follows from what is known: info for a column that may be null and for a small table, an error for a large one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import altered_later, column_is_new, subcommands
from dbops.lint.rule import Found
from dbops.lint.size import described, weighed
from dbops.results.lint import Severity
from dbops.schema.model import Column
from dbops.sql.nodes import Node, Relation, choice, definition

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'new')\n"
    "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text DEFAULT 'new')\n"
    "ALTER TABLE orders ALTER state DROP DEFAULT",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';\n"
    "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'new')\n"
    "ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;\n"
    "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'open'",
)

_REPLACES = frozenset({"AT_AddIdentity", "AT_DropColumn"})


def check(change: Change) -> Iterator[Found]:
    """Find defaults that are dropped, while no other takes their place in the same script."""
    if choice(change.node, "objtype") != "OBJECT_TABLE" or not change.is_shared():
        return
    for command, (start, end) in subcommands(change, "AT_ColumnDefault"):
        if definition(command) is None and not _harmless(change, command.name):
            yield _found(change, command.name, start, end)


def _found(change: Change, name: str, start: int | None, end: int | None) -> Found:
    table = change.table()
    known = None if table is None else table.column(name)
    column, size = Relation(None, name), described(table)
    rows = f"the rows of {change.target}{f' ({size})' if size else ''} stay as they are"
    return Found(
        f"{rows}, but inserts that leave {column} out {_what_happens(known)}",
        f"first release code that gives {column} a value, then drop the default in a later migration",
        start,
        end,
        Severity.INFO if known is not None and known.nullable else weighed(table, SEVERITY),
    )


def _what_happens(column: Column | None) -> str:
    if column is None or column.nullable is None:
        return "get NULL, or fail if it is NOT NULL"
    return "get NULL" if column.nullable else "fail: it is NOT NULL"


def _harmless(change: Change, name: str) -> bool:
    """Whether nobody can miss the default: there is none, it comes back, or a down undoes its up."""
    for schema in (change.schema, change.script.base):
        table = None if schema is None else schema.table(change.target)
        column = None if table is None else table.column(name)
        if column is not None and column.default is None and not column.identity:
            return True
    return change.undone(change.target, name) or column_is_new(change, name) or _comes_back(change, name)


def _comes_back(change: Change, name: str) -> bool:
    """Whether the same script sets another default, makes the column an identity, or drops it."""
    return any(
        command.name == name and (choice(command, "subtype") in _REPLACES or _sets_default(command))
        for command in (*change.commands, *altered_later(change))
    )


def _sets_default(command: Node) -> bool:
    return choice(command, "subtype") == "AT_ColumnDefault" and definition(command) is not None
