"""Dropping a type breaks the code that casts to it; with CASCADE it drops the columns of that type.

Why: Without CASCADE PostgreSQL refuses as long as a column or function has the type, but code may still write
`'new'::state`, and drivers may have looked the type up. With CASCADE every column of the type is dropped, with its
data.

Instead: First release code that no longer names the type, give its columns another one, then drop it without CASCADE.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import type_drops
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
BAD = (
    "-- schema: CREATE TYPE state AS ENUM ('new', 'done')\nDROP TYPE state",
    "-- schema: CREATE TYPE state AS ENUM ('new', 'done')\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, state state)\nDROP TYPE IF EXISTS state CASCADE",
)
GOOD = ("CREATE TYPE state AS ENUM ('new', 'done');\nDROP TYPE state",)


def check(change: Change) -> Iterator[Found]:
    """Find types that are dropped."""
    if choice(change.node, "remove_type") == "OBJECT_TYPE":
        yield from type_drops(change, "type")
