"""Dropping a view breaks the code that still reads it.

Why: Until the last old process is gone, queries of the view fail; with CASCADE so do those of the views that are built
on it. A dropped materialized view takes its indexes along, and filling a new one takes its time.

Instead: First release code that no longer reads it. To change a view, `CREATE OR REPLACE VIEW`, which adds columns at
the end, or drop and create it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import dropped, is_down, place
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation, choice

SEVERITY = Severity.WARNING
NODES = ("DropStmt",)
BAD = (
    "-- schema: CREATE VIEW paid AS SELECT 1 AS id\nDROP VIEW paid",
    "-- schema: CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id\nDROP MATERIALIZED VIEW IF EXISTS totals",
)
GOOD = (
    "-- schema: CREATE VIEW paid AS SELECT 1 AS id\nDROP VIEW paid;\nCREATE VIEW paid AS SELECT 2 AS number",
    "CREATE VIEW paid AS SELECT 1 AS id;\nDROP VIEW paid",
)
_KINDS = {"OBJECT_VIEW": "view", "OBJECT_MATVIEW": "materialized view"}


def check(change: Change) -> Iterator[Found]:
    """Find views that are dropped, and that the script does not make anew."""
    what = _KINDS.get(choice(change.node, "remove_type"))
    if what is None:
        return
    for view in dropped(change.node):
        if change.is_new(view) or change.script.after.table(view) is not None or _undone(change, view):
            continue
        yield Found(
            f"code that still reads {what} {view} fails once it is dropped",
            f"drop it in a migration after the last release that reads {view}",
            *place(change, view.name),
        )


def _undone(change: Change, view: Relation) -> bool:
    """Whether this is a down, and the up that it undoes made the view."""
    return is_down(change) and (change.script.base is None or change.script.base.table(view) is None)
