"""A timestamp without time zone is not a moment.

Why: `timestamp` keeps the digits and drops the offset: `2025-01-01 12:00+02` and `2025-01-01 12:00-06` become the same
value. What it means depends on who reads it, and hours around daylight saving happen twice or never. Changing the
type later rewrites the table, unless the server's and every session's time zone is UTC.

Instead: `timestamptz`. It takes the same eight bytes; values are stored in UTC and shown in the session's time zone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.definitions import STATEMENTS, Defined, defined, type_words
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity
from dbops.sql.nodes import choice, kind, named

SEVERITY = Severity.WARNING
NODES = STATEMENTS
FIXABLE = True
BAD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamp NOT NULL DEFAULT now())",
    "CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamp(3) without time zone)",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY)\nALTER TABLE orders ADD COLUMN paid_at timestamp",
)
GOOD = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now())",
    "CREATE TABLE orders (id bigint PRIMARY KEY, created_at timestamp with time zone, born date, opens time)",
)


def check(change: Change) -> Iterator[Found]:
    """Find timestamps without a time zone."""
    for column in defined(change):
        if column.type == "timestamp":
            yield change.found(
                f"{column.table}.{column.sql} drops the offset of what is stored: nobody can tell which moment it was",
                f"{column.sql} timestamptz",
                location=column.location,
                edits=_edits(change, column),
            )


def _edits(change: Change, column: Defined) -> tuple[Edit, ...]:
    """Return the edit that adds the time zone, unless the column's own expressions count on there being none."""
    if not column.is_new or column.computed or not _any_zone(column):
        return ()
    words = type_words(change, column)
    after = 4 if len(words) > 1 and words[1].text == "(" else 1  # timestamp ( 3 )
    if len(words) > after and words[after].text == "WITHOUT":
        return (Edit(words[after].start, words[after].end, "with"),)
    return (Edit(words[0].start, words[0].end, "timestamptz"),)


def _any_zone(column: Defined) -> bool:
    """Whether the default is a moment as well as a timestamp: none, now() or CURRENT_TIMESTAMP."""
    default = column.default
    if default is None:
        return True
    if kind(default) == "FuncCall":
        return named(default.funcname).name in {
            "now",
            "transaction_timestamp",
            "statement_timestamp",
            "clock_timestamp",
        }
    return kind(default) == "SQLValueFunction" and choice(default, "op").startswith("SVFOP_CURRENT_TIMESTAMP")
