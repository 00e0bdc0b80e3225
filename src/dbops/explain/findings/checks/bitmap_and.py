"""Two indexes find many rows each, of which few are in both.

Why: Each index is read for all rows that match its own column, and a bitmap of both is made, only to find the few that
match all conditions.

Instead: One index on both columns, those compared by equality first, goes straight to the rows.

Source: dbops's own: each index found ten times as many rows as are in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.conditions import indexable, terms
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.indexes import create
from dbops.explain.findings.trees import feeding, rows
from dbops.explain.findings.words import count, counted
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.INFO
_TABLE = """\
-- setup: CREATE TABLE cars AS SELECT i % 12 AS make, i / 12 % 12 AS color, md5('') t FROM generate_series(1, 200000) i
-- setup: CREATE INDEX ON cars (make)
-- setup: CREATE INDEX ON cars (color)
-- setup: VACUUM ANALYZE cars
-- set: max_parallel_workers_per_gather = 0
-- set: enable_seqscan = off
-- set: enable_indexscan = off
"""
BAD = after(
    _TABLE,
    "SELECT max(t) FROM cars WHERE make = 1 AND color = 1",
)
GOOD = after(
    _TABLE,
    "-- setup: CREATE INDEX ON cars (make, color)\nSELECT max(t) FROM cars WHERE make = 1 AND color = 1",
    "SELECT max(t) FROM cars WHERE make = 1",
)

_TIMES = 10


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each intersection of bitmaps that leaves few rows."""
    for node in subject.plan.nodes():
        heap = subject.parent(node)
        if node.kind != "BitmapAnd" or heap is None or heap.actual is None or not subject.worth(feeding(heap)):
            continue
        found = [rows(child) for child in node.inputs]
        left = heap.actual.rows + heap.total("Rows Removed by Filter")
        if found and min(found) >= _TIMES * max(left, 1.0):
            yield Found(
                heap,
                f"combines indexes that find {' and '.join(map(count, found))} rows to get {counted(left, 'row')}",
                ", ".join(f"{counted(rows(child), 'row')} from {child.index or child.label}" for child in node.inputs),
                _remedy(heap, node),
                subject.spent(feeding(node)),  # all that reading and combining the indexes takes
            )


def _remedy(heap: PlanNode, both: PlanNode) -> str:
    conditions = [term for child in feeding(both) for term in terms(child.text("Index Cond"))]
    columns = indexable(conditions, heap.alias)
    if len(columns) > 1:
        return create(heap, ", ".join(map(names.name, columns)))
    return f"one index of {names.table(heap)} on all that its conditions compare goes straight to the rows"
