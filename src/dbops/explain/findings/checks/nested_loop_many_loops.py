"""A join executes its inner side for each of many rows.

Why: Looking up a few rows is fast, looking up a hundred thousand one by one is not; and where no index serves the
lookup, the whole table is read each time. A nested loop over many rows is often planned because few were expected.

Instead: Where the inner table is searched from end to end, an index on the column that is joined. Else see whether far
more rows came than were expected, and mend that estimate; a hash join reads the inner side once.

Source: over 1,000 executions, as in QuerySense. Lookups that an index serves are told only where they take a quarter of
the time, dbops's own threshold; where their cache is too small, it is `memoize-evictions`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.joins import LOST, OFTEN, index, looks_up, lost, sides, unserved
from dbops.explain.findings.trees import feeding, rows, source
from dbops.explain.findings.words import count, counted, factor, time
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLES = """\
-- setup: CREATE TABLE authors AS SELECT i AS id, i % 7 AS region FROM generate_series(1, 1200) AS i
-- setup: CREATE TABLE books AS SELECT i AS id, i % 1200 AS author FROM generate_series(1, 2400) AS i
-- setup: ANALYZE authors, books
-- set: max_parallel_workers_per_gather = 0
"""
_LATERAL = """\
SELECT a.id, b.n FROM authors a
CROSS JOIN LATERAL (SELECT count(*) AS n FROM books b WHERE b.author = a.id) AS b"""
_LOOKED_UP = """\
-- setup: CREATE TABLE orders AS SELECT i AS id, i * 7 % 50000 AS customer FROM generate_series(1, 50000) AS i
-- setup: CREATE TABLE customers AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 50000) AS i
-- setup: CREATE INDEX ON customers (id)
-- setup: ANALYZE orders, customers
-- set: max_parallel_workers_per_gather = 0
"""
_JOIN = "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer"
BAD = (
    *after(
        _TABLES,
        "SELECT a.id, b.n FROM authors a\n"
        "CROSS JOIN LATERAL (SELECT count(*) AS n FROM books b WHERE b.author = a.id) AS b",
    ),
    *after(
        _LOOKED_UP,
        "-- set: enable_hashjoin = off\n-- set: enable_mergejoin = off\n"
        "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer",
    ),
    *after(
        _TABLES,
        "-- plan only\nSELECT a.id, b.n FROM authors a\n"
        "CROSS JOIN LATERAL (SELECT count(*) AS n FROM books b WHERE b.author = a.id) AS b",
    ),
)
GOOD = after(
    _LOOKED_UP,
    "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer",
    "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer WHERE o.id < 500",
    "-- plan only\n-- set: enable_hashjoin = off\n-- set: enable_mergejoin = off\n"
    "SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer",
)

_SHARE = 0.25
_MISJUDGED = 10.0


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each nested loop that executes its inner side more than a thousand times."""
    for node in subject.plan.nodes():
        both = sides(node)
        if node.kind != "Nested Loop" or both is None or not looks_up(*both) or not subject.worth(feeding(both[1])):
            continue
        scan = unserved(*both)
        times = _times(*both)
        if times > OFTEN and scan is not None:
            yield _searched(subject, node, scan, times)
        elif times > OFTEN and subject.plan.analyzed:
            yield from _looked_up(subject, node, *both)


def _times(outer: PlanNode, inner: PlanNode) -> float:
    """Return how often the inner side was executed: those that a cache answered are not."""
    below = source(inner)
    return below.actual.loops if below.actual else rows(outer)


def _searched(subject: Subject, node: PlanNode, scan: PlanNode, times: float) -> Found:
    reads = "reads" if subject.plan.analyzed else "is expected to read"
    spent = subject.spent([scan]) if subject.plan.analyzed else None
    each = f", {time(spent / times)} each" if spent is not None else ""
    return Found(
        node,
        f"{reads} all of {names.table(scan)} {count(times)} times, once for each row that it is joined with",
        f"{scan.label} executed {counted(times, 'time')}{each}",
        index(scan) or f"an index of {names.table(scan)} on what the join compares; see the index advice",
        spent,  # all of it: an index lookup takes next to nothing beside it
    )


def _looked_up(subject: Subject, node: PlanNode, outer: PlanNode, inner: PlanNode) -> Iterator[Found]:
    spent = subject.spent(feeding(inner))
    if spent is None or spent < _SHARE * (subject.plan.ms or 0.0) or (inner.kind == "Memoize" and lost(inner) >= LOST):
        return
    times = _times(outer, inner)
    misjudged = outer.factor is not None and outer.factor >= _MISJUDGED
    yield Found(
        node,
        f"looks up its inner side {count(times)} times",
        f"{source(inner).label} executed {counted(times, 'time')}, {time(spent)} in all"
        + (f"; {factor(outer.factor)} as many outer rows as expected" if misjudged and outer.factor else ""),
        _remedy(inner, misjudged=misjudged),
        spent,  # a hash join still has to read the inner table once
        Severity.WARNING if misjudged else Severity.INFO,
    )


def _remedy(inner: PlanNode, *, misjudged: bool) -> str:
    if misjudged:
        return "mend the estimate of the outer rows: the planner meant to look up few of them"
    if any(node.kind in {"Limit", "Aggregate"} for node in feeding(inner)):
        return (
            "a LATERAL subquery is run for each row: where most rows are needed, join with its grouped result instead"
        )
    return "SET enable_nestloop = off;  -- to compare, not to keep: a hash join reads the inner side once"
