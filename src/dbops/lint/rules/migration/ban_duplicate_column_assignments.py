"""A statement names a column twice where it can be named once.

Why: PostgreSQL refuses UPDATE with two assignments to a column, INSERT with a column listed twice and ALTER TABLE that
adds one twice: the migration fails. Mostly one of the two was to be another column.

Instead: Name each column once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.columns import added_columns
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Node, Relation, inner, kind

SEVERITY = Severity.ERROR
NODES = ("AlterTableStmt", "CreateStmt", "InsertStmt", "UpdateStmt")
FAILS = True
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint, net bigint)\n"
BAD = tuple(
    _TABLE + text
    for text in (
        "UPDATE orders SET total = 1, total = 2 WHERE id = 1",
        "INSERT INTO orders (id, total, total) VALUES (1, 2, 3)",
        "ALTER TABLE orders ADD COLUMN note text, ADD COLUMN note varchar",
        "CREATE TABLE shops (id bigint, name text, name text)",
    )
)
GOOD = (
    *(
        _TABLE + text
        for text in (
            "UPDATE orders SET total = 1, net = 2 WHERE id = 1",
            "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text, ADD COLUMN IF NOT EXISTS note text",
        )
    ),
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, lines bigint[])\n"
    "UPDATE orders SET lines[1] = 1, lines[2] = 2 WHERE id = 1",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that a statement names twice."""
    named = list(_named(change))
    for name, count in Counter(name for name, _ in named).items():
        if count > 1:
            location = [place for each, place in named if each == name][1]
            yield change.found(
                f"{Relation(None, name)} is named {count} times: PostgreSQL refuses the statement",
                "name it once",
                location=location,
            )


def _named(change: Change) -> Iterator[tuple[str, int]]:
    """Yield the columns that may be named once, with their places."""
    node = change.node
    match kind(node):
        case "UpdateStmt":
            targets = [inner(each) for each in node.target_list]
        case "InsertStmt":
            targets = [inner(each) for each in node.cols]
        case "CreateStmt":
            yield from ((each.colname, each.location) for each in map(inner, node.table_elts) if _is_column(each))
            return
        case _:
            yield from (
                (column.colname, column.location)
                for index, column in added_columns(change)
                if not change.commands[index].missing_ok
            )
            return
    yield from ((each.name, each.location) for each in targets if not each.indirection)


def _is_column(element: Node) -> bool:
    return kind(element) == "ColumnDef"
