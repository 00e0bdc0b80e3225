"""A join pairs each row of one side with each row of the other.

Why: Without a condition between the two sides the number of rows is the product of both. Mostly a condition was
forgotten, and a DISTINCT or a GROUP BY above hides it.

Instead: The condition that links the two. Where every combination is meant, filter both sides before. What is
generated, such as a series of days, is told as an info.

Source: dbops's own: 10,000 pairs at least, of more than one row on either side. Both sides having a condition with the
same value is how PostgreSQL plans a join on that column, and not told.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.conditions import Comparison, belongs, of_scan
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.joins import looks_up, sides
from dbops.explain.findings.trees import JOINS, SCANS, feeding, rows, source
from dbops.explain.findings.words import count, counted
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLES = """\
-- setup: CREATE TABLE staff AS SELECT i AS id, i % 50 AS team FROM generate_series(1, 300) AS i
-- setup: CREATE TABLE rooms AS SELECT i AS id, i % 50 AS team FROM generate_series(1, 300) AS i
-- setup: ANALYZE staff, rooms
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLES,
    "SELECT DISTINCT s.team FROM staff s, rooms r WHERE s.id > 1 AND r.id > 1",
    "SELECT count(*) FROM staff s CROSS JOIN generate_series(1, 300) AS day",
    "-- plan only\nSELECT DISTINCT s.team FROM staff s, rooms r",
)
GOOD = (
    *after(
        _TABLES,
        "SELECT DISTINCT s.team FROM staff s JOIN rooms r ON r.team = s.team",
        "SELECT s.id FROM staff s CROSS JOIN (SELECT max(team) AS m FROM rooms) AS r WHERE s.team < r.m",
    ),
    "-- setup: CREATE TABLE day AS SELECT 7 AS k, i AS id FROM generate_series(1, 300) AS i\n"
    "-- setup: ANALYZE day\nSELECT count(*) FROM day a JOIN day b ON b.k = a.k WHERE a.k = 7",
    *after(
        _TABLES,
        "SELECT count(*) FROM staff s CROSS JOIN LATERAL generate_series(1, s.id) AS day",
    ),
)

_PAIRS = 10_000


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each nested loop without any condition."""
    for node in subject.plan.nodes():
        both = sides(node)
        if node.kind != "Nested Loop" or both is None or node.text("Join Type") not in {"Inner", "Left", ""}:
            continue
        working = [node, *feeding(both[1])]
        if rows(node) >= _PAIRS and _unlinked(node, *both) and subject.worth(working):
            yield _found(subject, node, *both, subject.spent(working))


def _unlinked(node: PlanNode, outer: PlanNode, inner: PlanNode) -> bool:
    if node.text("Join Filter") or looks_up(outer, inner) or _values(outer) & _values(inner):
        return False
    return rows(outer) > 1 and _once(inner) > 1


def _found(subject: Subject, node: PlanNode, outer: PlanNode, inner: PlanNode, spent: float | None) -> Found:
    pairs = "joins" if subject.plan.analyzed else "is expected to join"
    generated = any(source(each).kind not in {*SCANS, *JOINS} for each in (outer, inner))
    return Found(
        node,
        f"{pairs} each of {counted(rows(outer), 'row')} with each of {count(_once(inner))}: is a condition missing?",
        f"{counted(rows(node), 'pair')}, no join condition",
        "join the two by a condition, in ON or WHERE; where every combination is meant, filter both sides before",
        spent if subject.plan.analyzed else None,  # all of it, where a condition leaves few pairs
        Severity.INFO if generated else None,
    )


def _once(inner: PlanNode) -> float:
    return inner.actual.rows_per_loop if inner.actual else inner.estimate.rows


def _values(node: PlanNode) -> set[str]:
    """Return the values that columns are equal to below a node."""
    return {
        side.sql
        for scan in feeding(node)
        for term in of_scan(scan)
        if term.comparison is Comparison.EQUALITY
        for side in term.sides
        if not any(belongs(column, scan.alias) for column in side.columns)
    }
