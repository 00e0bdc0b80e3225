"""Renaming a column breaks the code that still uses its old name.

Why: The new name holds for everybody at the same moment, and code is never replaced at the same moment: until the last
old process is gone, its queries fail. The way back has the same gap.

Instead: Add a column with the new name, write both, copy in batches, read the new one, drop the old one in a later
release.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import in_turn
from dbops.lint.changes.objects import behind_target, column_is_new, place
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("RenameStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "ALTER TABLE orders RENAME COLUMN total TO amount",
    "-- schema: CREATE VIEW totals AS SELECT 1 AS total\nALTER VIEW totals RENAME COLUMN total TO amount",
)
GOOD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint);\nALTER TABLE orders RENAME total TO amount",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "ALTER TABLE orders ADD COLUMN amount bigint;\nALTER TABLE orders RENAME COLUMN amount TO sum",
)


def check(change: Change) -> Iterator[Found]:
    """Find columns that get another name."""
    node = change.node
    if choice(node, "rename_type") != "OBJECT_COLUMN":
        return
    if not change.is_shared() or change.undone(change.target, node.subname) or column_is_new(change, node.subname):
        return
    old, new = Relation(None, node.subname), Relation(None, node.newname)
    yield Found(
        f"code that uses {change.target}.{old} fails from the moment it is called {new}",
        _steps(change, old, new),
        *place(change, node.subname, behind_target(change)),
    )


def _steps(change: Change, old: Relation, new: Relation) -> str:
    if choice(change.node, "relation_type") not in {"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"}:
        return f"let the view show both {old} and {new} until no running code uses {old}"
    table = change.table()
    column = None if table is None else table.column(old.name)
    type_ = column.type if column else "…"
    return in_turn(
        f"ALTER TABLE {change.target} ADD COLUMN {new} {type_};\n"
        f"-- write both {old} and {new}, copy {old} in batches, then read {new}",
        f"ALTER TABLE {change.target} DROP COLUMN {old}; -- after the last release that uses it",
    )
