"""A json column keeps text.

Why: `json` is parsed anew whenever a key is read, can't be indexed, and has no equality: `SELECT DISTINCT`, `GROUP BY`
and `UNION` fail on any query that returns it. Changing the type later rewrites the table.

Instead: `jsonb`. Keep `json` only where the exact text, with its blanks, order and repeated keys, has to survive.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import STATEMENTS, defined
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
NODES = STATEMENTS
FIXABLE = True
BAD = (
    "CREATE TABLE events (id bigint PRIMARY KEY, payload json NOT NULL)",
    "-- schema: CREATE TABLE events (id bigint PRIMARY KEY)\nALTER TABLE events ADD COLUMN payload json",
)
GOOD = (
    "CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb NOT NULL)",
    "-- schema: CREATE TABLE events (id bigint PRIMARY KEY)\nALTER TABLE events ADD COLUMN payload jsonb",
)


def check(change: Change) -> Iterator[Found]:
    """Find json columns."""
    for column in defined(change):
        if column.type == "json":
            start, end = change.place(column.location)
            yield Found(
                f"DISTINCT, GROUP BY and UNION fail on {column.table}.{column.sql}, and each read of a key parses it",
                f"{column.sql} jsonb",
                start,
                end,
                edits=(Edit(start, end, "jsonb"),) if column.is_new and column.default is None else (),
            )
