"""Dropping a schema breaks the code that still uses what is in it; with CASCADE it drops all of that.

Why: CASCADE takes every table, view, function and type of the schema, and what depends on them elsewhere, without
naming them. No down brings the data back.

Instead: Drop or move what is in it, one by one, then the empty schema without CASCADE: that fails when something is
left.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import dropped, is_down, made_here, place
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
BAD = (
    "-- schema: CREATE SCHEMA shop\nDROP SCHEMA shop",
    "-- schema: CREATE SCHEMA shop\n-- schema: CREATE TABLE shop.orders (id bigint)\nDROP SCHEMA shop CASCADE",
)
GOOD = (
    "CREATE SCHEMA shop;\nDROP SCHEMA shop",
    "-- schema: CREATE SCHEMA shop\nCREATE TABLE shop.orders (id bigint)",
)


def check(change: Change) -> Iterator[Found]:
    """Find schemas that are dropped."""
    if choice(change.node, "remove_type") != "OBJECT_SCHEMA":
        return
    cascade = choice(change.node, "behavior") == "DROP_CASCADE"
    for schema in dropped(change.node):
        inside = _tables(change, schema.name)
        if made_here(change, schema) or (is_down(change) and not inside):
            continue
        lost = f": {', '.join(inside[:4])}{', …' if len(inside) > 4 else ''}" if inside else ""
        yield Found(
            f"everything in schema {schema} is dropped with it{lost}"
            if cascade
            else f"code that has schema {schema} in its queries or its search_path fails once it is dropped",
            f"drop or move what is in it one by one, then: DROP SCHEMA {schema}" if cascade else None,
            *place(change, schema.name),
            Severity.ERROR if cascade else None,
        )


def _tables(change: Change, schema: str) -> list[str]:
    """Return the tables in the schema; in a down, those that were there before the up."""
    known = change.script.base or change.schema
    return sorted(str(name) for name in known.tables if name.schema == schema)
