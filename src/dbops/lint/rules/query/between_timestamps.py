"""`BETWEEN` two dates on a timestamp leaves out almost all of the last day.

Why: As a timestamp, '2024-01-31' is the midnight with which that day begins. What happened later on it is not between
the two, and a report misses a day without an error.

Instead: A half-open range: `created_at >= '2024-01-01' AND created_at < '2024-02-01'`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from dbops.lint.queries import passages
from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
BAD = (
    "SELECT count(*) FROM orders WHERE created_at BETWEEN '2024-01-01' AND '2024-01-31'",
    "SELECT count(*) FROM orders WHERE created_at BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'",
    "-- schema: CREATE TABLE orders (id bigint, placed timestamptz)\n"
    "SELECT count(*) FROM orders WHERE placed BETWEEN '2024-01-01' AND '2024-12-31'",
)
GOOD = (
    "SELECT count(*) FROM orders WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01'",
    "SELECT count(*) FROM orders WHERE birthday BETWEEN '2024-01-01' AND '2024-01-31'",
    "-- schema: CREATE TABLE orders (id bigint, created_at date)\n"
    "SELECT count(*) FROM orders WHERE created_at BETWEEN '2024-01-01' AND '2024-01-31'",
    "SELECT count(*) FROM orders WHERE created_at::date BETWEEN '2024-01-01' AND '2024-01-31'",
    "SELECT count(*) FROM orders WHERE created_at BETWEEN '2024-01-01' AND '2024-01-31 23:59:59.999999'",
    "SELECT count(*) FROM orders WHERE created_at BETWEEN '2024-01-01' AND '2024-02-01'",
    "SELECT count(*) FROM orders WHERE created_at BETWEEN $1 AND $2",
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIMESTAMP_NAMES = ("_at", "_time", "_timestamp")


def check(query: Query) -> Iterator[Found]:
    """Find BETWEEN with two days, the last not the first of a month, for a column that holds a time of day."""
    for between in query.tree.find_all(exp.Between):
        negated = isinstance(between.parent, exp.Not)
        low, high = _day(between.args["low"]), _day(between.args["high"])
        if low is None or high is None or high.day == 1 or negated or not _holds_time(query, between.this):
            continue
        name = query.text(between.this)
        yield passages.found(
            query,
            between,
            f"BETWEEN ends with the midnight in which {high} begins: the rest of that day is left out",
            f"{name} >= '{low}' AND {name} < '{high + timedelta(days=1)}'",
        )


def _day(node: exp.Expr) -> date | None:
    """Return the day that a literal names, if it names no time of it."""
    if isinstance(node, exp.Cast):
        node = node.this
    if not isinstance(node, exp.Literal) or not node.is_string or not _DAY.fullmatch(str(node.this)):
        return None
    try:
        day = date.fromisoformat(str(node.this))
    except ValueError:
        return None
    return day if day < date.max else None


def _holds_time(query: Query, node: exp.Expr) -> bool:
    """Whether it is a timestamp by its type; by its name where the type isn't known."""
    if not isinstance(node, exp.Column):
        return False
    origin = query.origin(node)
    column = None if origin is None else origin[1]
    if column is not None:
        return column.type.startswith("timestamp")
    return folded(node.this).endswith(_TIMESTAMP_NAMES)
