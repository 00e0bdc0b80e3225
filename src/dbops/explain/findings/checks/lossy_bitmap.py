"""A bitmap had no room for each row, and every row of its blocks had to be checked again.

Why: A bitmap that grows beyond work_mem keeps blocks instead of rows. All rows of such a block are read and compared
with the condition once more.

Instead: The work_mem that is named here, for this query or its role; or an index that finds fewer rows.

Source: over 100 rows checked in vain, as in Joe for index scans, where a larger work_mem would have avoided it: 64
bytes a block, as PostgreSQL's tidbitmap.c counts, are more than work_mem. A BRIN index knows blocks only, which is
`recheck-removed-rows`. Before 18 a parallel scan's count is the leader's alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import memory, names
from dbops.explain.findings.bitmaps import blocks, by_nature
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import executions, feeding
from dbops.explain.findings.words import counted, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE pages AS SELECT i * 7919 % 1000 AS k, repeat('x', 900) AS t FROM generate_series(1, 40000) AS i
-- setup: CREATE INDEX ON pages (k)
-- setup: ANALYZE pages
-- set: max_parallel_workers_per_gather = 0
-- set: enable_seqscan = off
-- set: enable_indexscan = off
"""
BAD = after(
    _TABLE,
    "-- set: work_mem = '64kB'\nSELECT max(t) FROM pages WHERE k < 300",
)
GOOD = after(
    _TABLE,
    "-- set: work_mem = '4MB'\nSELECT max(t) FROM pages WHERE k < 300",
    "-- set: work_mem = '64kB'\n-- setup: CREATE INDEX ON pages USING brin (t)\nSELECT t FROM pages WHERE t = 'x'",
)
_ROWS = 100


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each bitmap that was too large for work_mem."""
    for node in subject.plan.nodes():
        removed = node.total("Rows Removed by Index Recheck")
        if removed <= _ROWS or by_nature(node) or not blocks(node)[0] or not subject.worth([node]):
            continue
        pages = _pages(subject, node)
        if memory.to_map(pages) > memory.work_mem(subject):
            yield _found(subject, node, removed, pages)


def _found(subject: Subject, node: PlanNode, removed: float, pages: float) -> Found:
    lossy, exact = blocks(node)
    kept = (node.actual.rows if node.actual else 0.0) + node.total("Rows Removed by Filter")
    spent = subject.spent([node])
    return Found(
        node,
        f"checks all rows in {share(lossy, lossy + exact)} of the blocks of {names.table(node)} again: "
        f"{memory.shown(subject)} is too small for its bitmap",
        f"{counted(lossy, 'lossy block')} beside {counted(exact, 'exact one')}, "
        f"{counted(removed, 'row')} of {counted(removed + kept, 'row')} removed by Index Recheck",
        memory.remedy(subject, memory.to_map(pages)),
        # The blocks are read in any case: it is the checking of rows that don't match that is saved.
        None if spent is None else spent * removed / (removed + kept),
    )


def _pages(subject: Subject, node: PlanNode) -> float:
    """Return how many blocks one bitmap had at most: where several were combined, the one that found the most rows."""
    found = [each for each in feeding(node) if each.kind == "Bitmap Index Scan"]
    combined = max((each.actual.rows_per_loop for each in found if each.actual), default=0.0) if len(found) > 1 else 0.0
    # Before 18 the leader's blocks alone are counted, but those that were touched are of all processes.
    touched = node.own_buffers.touched if node.own_buffers and node.actual and node.actual.processes > 1 else 0
    pages = max(max(sum(blocks(node)), touched) / executions(node), combined)
    known = subject.facts(node).pages
    return min(pages, known) if known else pages
