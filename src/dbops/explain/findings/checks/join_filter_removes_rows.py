"""A join compares many pairs of rows and keeps few of them.

Why: Each row of one side is compared with each row of the other that it may belong to: a thousand times a thousand rows
are a million comparisons.

Instead: An index on what the inner side is compared by, if it is a column. A condition with OR can be hashed only when
it is split into a UNION of two joins; one with functions, ranges or LIKE when an equality stands beside it. Where a
plain equality is compared like this, the planner expected few rows: mend that estimate.

Source: 90 % of the pairs removed, pev2's upper threshold for filters, and 10,000 of them at least, dbops's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.conditions import Comparison, terms
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.indexes import create
from dbops.explain.findings.joins import sides
from dbops.explain.findings.names import name
from dbops.explain.findings.trees import JOINS, feeding, source
from dbops.explain.findings.words import count, counted, cut, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLES = """\
-- setup: CREATE TABLE parcels AS SELECT i AS id, i AS low, i + 1 AS high FROM generate_series(1, 600) AS i
-- setup: CREATE TABLE points AS SELECT i AS id, i % 600 AS place, i AS parcel FROM generate_series(1, 600) AS i
-- setup: ANALYZE parcels, points
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLES,
    "SELECT p.id FROM points p JOIN parcels l ON p.place >= l.low AND p.place < l.high",
    "SELECT p.id FROM points p JOIN parcels l ON p.place = l.low OR p.parcel = l.id",
    "-- set: enable_hashjoin = off\n-- set: enable_mergejoin = off\n"
    "SELECT p.id FROM points p JOIN parcels l ON p.parcel = l.id",
    "SELECT p.id FROM points p JOIN parcels l ON p.place % 3 = l.id % 3 AND p.id + l.id = 700",
)
GOOD = after(
    _TABLES,
    "SELECT p.id FROM points p JOIN parcels l ON p.parcel = l.id",
    "SELECT p.id FROM points p JOIN parcels l ON p.place > l.low",
)

_REMOVED = 0.9
_PAIRS = 10_000


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each join whose filter threw nearly all pairs away."""
    for node in subject.plan.nodes():
        both = sides(node)
        removed = node.total("Rows Removed by Join Filter") if node.actual else 0.0
        if node.kind not in JOINS or both is None or node.actual is None or removed < _PAIRS:
            continue
        working = [node, *feeding(both[1])]
        pairs = removed + node.actual.rows
        if removed >= _REMOVED * pairs and subject.worth(working):
            spent = subject.spent(working)
            yield Found(
                node,
                f"compares {counted(pairs, 'pair')} of rows to keep {count(node.actual.rows)}",
                f"{share(removed, pairs)} removed by Join Filter: {cut(node.text('Join Filter'))}",
                _remedy(node, *both),
                # What finds only the pairs that are kept takes their part of the time at least.
                None if spent is None else spent * removed / pairs,
            )


def _remedy(node: PlanNode, outer: PlanNode, inner: PlanNode) -> str:
    condition = node.text("Join Filter")
    if " OR " in condition:
        return "split the OR: a join for each of its sides, combined by UNION, can hash or use indexes"
    for each in (inner, outer) if node.text("Join Type") in {"Inner", ""} else (inner,):
        scan = source(each)
        for term in terms(condition):
            side = term.tested(scan.alias) if term.comparison is not Comparison.OTHER else None
            if scan.relation and side is not None and side.column is not None:
                return create(scan, name(side.column.name))
    return "no index and no hash serves this condition: compare columns for equality beside it, to compare fewer pairs"
