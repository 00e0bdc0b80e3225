"""Renaming a schema, view, type, enum value, function or sequence breaks the code that uses its old name.

Why: The new name holds for everybody at the same moment, and code is never replaced at the same moment: until the last
old process is gone, its queries fail.

Instead: Give the new name to a second object (a view of the view, a function that calls the function, a new enum
value), move the code, and drop the old one in a later release.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import is_down, made_again, made_here, place, subject
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Node, Relation, choice, kind, named
from dbops.sql.quote import literal

SEVERITY = Severity.WARNING
NODES = ("RenameStmt", "AlterEnumStmt")
BAD = (
    "-- schema: CREATE VIEW paid AS SELECT 1 AS id\nALTER VIEW paid RENAME TO settled",
    "-- schema: CREATE SCHEMA shop\nALTER SCHEMA shop RENAME TO store",
    "-- schema: CREATE TYPE state AS ENUM ('new', 'done')\nALTER TYPE state RENAME VALUE 'done' TO 'finished'",
    "-- schema: CREATE TYPE state AS ENUM ('new', 'done')\nALTER TYPE state RENAME TO order_state",
    "-- schema: CREATE FUNCTION tax(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1'\n"
    "ALTER FUNCTION tax(bigint) RENAME TO vat",
)
GOOD = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER INDEX orders_pkey RENAME TO orders_key",
    "CREATE TYPE state AS ENUM ('new', 'done');\nALTER TYPE state RENAME VALUE 'done' TO 'finished'",
    "-- schema: CREATE VIEW paid AS SELECT 1 AS id\n"
    "ALTER VIEW paid RENAME TO settled;\nCREATE VIEW paid AS SELECT id FROM settled",
)
_KINDS = {
    "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_ATTRIBUTE": "attribute",
    "OBJECT_DATABASE": "database",
    "OBJECT_DOMAIN": "domain",
    "OBJECT_FUNCTION": "function",
    "OBJECT_MATVIEW": "materialized view",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_ROLE": "role",
    "OBJECT_ROUTINE": "routine",
    "OBJECT_SCHEMA": "schema",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_TYPE": "type",
    "OBJECT_VIEW": "view",
}


def check(change: Change) -> Iterator[Found]:
    """Find new names of what is neither a table nor a column."""
    if is_down(change):  # it gives the old name back
        return
    if kind(change.node) == "AlterEnumStmt":
        yield from _value(change)
        return
    what = _KINDS.get(choice(change.node, "rename_type"))
    if what is None:
        return
    old = _old(change.node)
    if made_here(change, old) or made_again(change, old) or (what.endswith("view") and change.is_new(old)):
        return
    yield Found(
        f"code that uses {what} {old} fails from the moment it is called {Relation(None, change.node.newname)}",
        _hint(what, old, Relation(old.schema, change.node.newname)),
        *place(change, change.node.subname or old.name),
    )


def _value(change: Change) -> Iterator[Found]:
    node, enum = change.node, named(change.node.type_name)
    if node.old_val and not made_here(change, enum):
        yield change.found(
            f"code that writes or compares with {literal(node.old_val)} fails once {enum} no longer has that value",
            f"ALTER TYPE {enum} ADD VALUE {literal(node.new_val)} AFTER {literal(node.old_val)};\n"
            "-- then move the code, and the rows in batches",
        )


def _old(node: Node) -> Relation:
    if choice(node, "rename_type") == "OBJECT_ATTRIBUTE":
        return Relation(node.relation.relname, node.subname)
    return subject(node)


def _hint(what: str, old: Relation, new: Relation) -> str:
    match what:
        case "view":
            return f"-- leave a view under the old name, in the same transaction:\nCREATE VIEW {old} AS TABLE {new};"
        case "function" | "procedure":
            return f"create {new} beside {old}, let {old} call it, and drop {old} when nothing calls it"
    return f"keep {old} until no running code uses it; rename it in a release after that"
