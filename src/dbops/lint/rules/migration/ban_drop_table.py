"""Dropping a table breaks the code that still uses it, and its data are gone.

Why: Until the last old process is gone, its queries fail. No down brings the data back, and with CASCADE the foreign
keys and views of others go, too.

Instead: First release code that no longer uses the table. Then rename it (what still uses it shows, and the way back is
a rename), keep it for some days, and drop it in a later migration.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import in_turn
from dbops.lint.changes.objects import dropped, place, undone
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
BAD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nDROP TABLE orders",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nDROP TABLE IF EXISTS orders CASCADE",
)
GOOD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY);\nDROP TABLE orders",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders DROP CONSTRAINT orders_pkey",
)


def check(change: Change) -> Iterator[Found]:
    """Find tables that are dropped and that others can know of."""
    if choice(change.node, "remove_type") not in {"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"}:
        return
    for table in dropped(change.node):
        if change.is_shared(table) and not undone(change, table):
            yield Found(
                f"code that still uses {change.sized(table)} fails once it is dropped, and its rows are gone",
                in_turn(
                    f"ALTER TABLE {table} RENAME TO {_aside(table)}; -- what still uses it shows",
                    f"DROP TABLE {Relation(table.schema, _aside(table).name)};",
                ),
                *place(change, table.name),
            )


def _aside(table: Relation) -> Relation:
    return Relation(None, f"{table.name}_unused")
