"""A table is named without its schema.

Why: Which table it is depends on the search_path of whoever runs the script: the same migration can make a table in
another schema for another role.

Instead: `public.orders`. Off unless selected: with one schema and one search_path there is nothing to mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import dropped, place
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Node, choice, kind, relation

SEVERITY = Severity.WARNING
DEFAULT = False
NODES = ("AlterTableStmt", "CreateStmt", "CreateTableAsStmt", "DropStmt", "IndexStmt", "RenameStmt", "ViewStmt")
BAD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nDROP TABLE orders",
)
GOOD = (
    "CREATE TABLE public.orders (id bigint PRIMARY KEY)",
    "CREATE TEMPORARY TABLE chosen (id bigint PRIMARY KEY)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nDROP TABLE public.orders",
)
_RELATIONS = {"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"}


def check(change: Change) -> Iterator[Found]:
    """Find names of tables and views without a schema."""
    if kind(change.node) == "DropStmt":
        yield from _dropped(change)
        return
    target = _target(change.node)
    if target is not None and not target.schemaname and target.relpersistence != "t":
        yield change.found(_message(target.relname), _hint(str(relation(target))), location=target.location)


def _dropped(change: Change) -> Iterator[Found]:
    if choice(change.node, "remove_type") not in _RELATIONS:
        return
    for name in dropped(change.node):
        if name.schema is None:
            yield Found(_message(name.name), _hint(str(name)), *place(change, name.name))


def _target(node: Node) -> Node | None:
    """Return the table or view that a statement is about, None for an index, a sequence or a type."""
    match kind(node):
        case "ViewStmt":
            return node.view
        case "CreateTableAsStmt":
            return node.into.rel
        case "AlterTableStmt" if choice(node, "objtype") not in _RELATIONS:
            return None
        case "RenameStmt" if choice(node, "rename_type") not in _RELATIONS | {"OBJECT_COLUMN"}:
            return None
    return node.relation


def _message(name: str) -> str:
    return f"which {name} this is depends on the search_path"


def _hint(name: str) -> str:
    return f"public.{name}, if that is its schema"
