"""Dropping a sequence breaks the code and the defaults that take numbers from it.

Why: `nextval` fails from that moment on; with CASCADE the defaults of columns go with it, and inserts that leave such a
column out fail or store NULL. The number that it had come to is lost, too.

Instead: Drop it after the last release that calls it; a sequence that a column owns goes with that column.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import dropped, is_down, made_again, made_here, place
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
BAD = (
    "-- schema: CREATE SEQUENCE numbers\nDROP SEQUENCE numbers",
    "-- schema: CREATE SEQUENCE numbers\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, number bigint DEFAULT nextval('numbers'))\n"
    "DROP SEQUENCE IF EXISTS numbers CASCADE",
)
GOOD = ("CREATE SEQUENCE numbers;\nDROP SEQUENCE numbers",)


def check(change: Change) -> Iterator[Found]:
    """Find sequences that are dropped and that others can take numbers from."""
    if choice(change.node, "remove_type") != "OBJECT_SEQUENCE" or is_down(change):
        return
    also = ", and so do the columns that have it as their default" if _cascades(change) else ""
    for sequence in dropped(change.node):
        if not (made_here(change, sequence) or made_again(change, sequence)):
            yield Found(
                f"nextval of {sequence} fails once it is dropped{also}",
                f"drop the defaults that use it first, then {sequence} without CASCADE"
                if also
                else f"-- in a migration after the last release that takes numbers from it:\nDROP SEQUENCE {sequence};",
                *place(change, sequence.name),
            )


def _cascades(change: Change) -> bool:
    return choice(change.node, "behavior") == "DROP_CASCADE"
