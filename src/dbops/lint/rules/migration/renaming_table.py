"""Renaming a table breaks the code that still uses its old name.

Why: The new name holds for everybody at the same moment, and code is never replaced at the same moment: until the last
old process is gone, its queries fail. The way back has the same gap.

Instead: Leave a view under the old name, made in the same transaction: a view of all columns of one table takes
inserts, updates and deletes, too. Drop it when nothing uses the old name. (TRUNCATE and ON CONFLICT of a constraint's
name don't work through a view.)
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import made_again, renamed_from
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("RenameStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders RENAME TO purchases",
    '-- schema: CREATE TABLE "Orders" (id bigint PRIMARY KEY)\nALTER TABLE "Orders" RENAME TO orders',
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "ALTER TABLE orders RENAME TO purchases;\nCREATE VIEW orders AS SELECT id FROM purchases",
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nALTER TABLE orders RENAME TO purchases",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\n"
    "-- schema: CREATE TABLE orders_new (id bigint PRIMARY KEY)\n"
    "ALTER TABLE orders RENAME TO orders_old;\nALTER TABLE orders_new RENAME TO orders",
)


def check(change: Change) -> Iterator[Found]:
    """Find tables that get another name, while nothing takes the old one in the same script."""
    node, old = change.node, change.target
    if choice(node, "rename_type") not in {"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"} or not change.is_shared():
        return
    new = Relation(old.schema, node.newname)
    if made_again(change, old) or renamed_from(change, new):
        return
    start, end = change.place(node.relation.location, 1 if old.schema is None else 3)
    yield Found(
        f"code that uses {old} fails from the moment it is called {Relation(None, node.newname)}",
        f"-- leave a view under the old name, in the same transaction:\nCREATE VIEW {old} AS TABLE {new};",
        start,
        end,
    )
