"""A new enum value comes last where the statement does not say where.

Why: ORDER BY, `<` and max() follow the order of the values, which can't be changed later. What comes last by accident
stays last.

Instead: `ADD VALUE … AFTER …` or `BEFORE …`, also where last is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import named
from dbops.sql.quote import literal

SEVERITY = Severity.INFO
NODES = ("AlterEnumStmt",)
BAD = ("-- schema: CREATE TYPE state AS ENUM ('new', 'done')\nALTER TYPE state ADD VALUE 'paid'",)
GOOD = ("-- schema: CREATE TYPE state AS ENUM ('new', 'done')\nALTER TYPE state ADD VALUE 'paid' BEFORE 'done'",)


def check(change: Change) -> Iterator[Found]:
    """Find values that are added without a place."""
    node = change.node
    if not node.old_val and not node.new_val_neighbor:
        value, enum = literal(node.new_val), named(node.type_name)
        yield change.found(
            f"{value} becomes the last value of {enum}, and sorts as that",
            f"ALTER TYPE {enum} ADD VALUE {value} AFTER …, with the value it comes after",
        )
