"""Dropping a function or procedure breaks the code that still calls it.

Why: Until the last old process is gone, calls fail, and so does what the server itself calls by text: bodies of other
functions in PL/pgSQL, jobs. With CASCADE triggers, defaults, policies and views that use it go, too.

Instead: First release code that no longer calls it. To change one, `CREATE OR REPLACE FUNCTION`, or where its result
type changes drop and create it in one transaction; a function with other parameters can live beside it.
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
    "-- schema: CREATE FUNCTION tax(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1'\nDROP FUNCTION tax(bigint)",
    "-- schema: CREATE PROCEDURE clean() LANGUAGE sql AS 'SELECT 1'\nDROP PROCEDURE IF EXISTS clean",
)
GOOD = (
    "-- schema: CREATE FUNCTION tax(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1'\n"
    "DROP FUNCTION tax(bigint);\nCREATE FUNCTION tax(bigint) RETURNS numeric LANGUAGE sql AS 'SELECT $1::numeric'",
)
_KINDS = {
    "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_ROUTINE": "routine",
}


def check(change: Change) -> Iterator[Found]:
    """Find functions that are dropped, and that the script does not make anew; not in a down, which undoes an up."""
    what = _KINDS.get(choice(change.node, "remove_type"))
    if what is None or is_down(change):
        return
    for function in dropped(change.node):
        if not made_here(change, function) and not made_again(change, function):
            yield Found(
                f"code that still calls {what} {function} fails once it is dropped",
                f"drop it in a migration after the last release that calls {function}",
                *place(change, function.name),
            )
