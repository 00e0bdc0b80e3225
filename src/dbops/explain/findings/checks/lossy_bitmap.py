"""A bitmap had no room for each row, and every row of its blocks had to be checked again.

Why: A bitmap that grows beyond work_mem keeps blocks instead of rows. All rows of such a block are read and compared
with the condition once more.

Instead: The work_mem that is named here, for this query or its role; or an index that finds fewer rows.

Source: any lossy block that a larger work_mem would have avoided: 64 bytes a block, as PostgreSQL's tidbitmap.c counts,
are more than work_mem. A BRIN index knows blocks only, which is `recheck-removed-rows`. Before 18 a parallel scan's
count is the leader's alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import memory, names
from dbops.explain.findings.bitmaps import blocks, by_nature
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import executions, feeding
from dbops.explain.findings.words import counted, share, size
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


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each bitmap that was too large for work_mem."""
    for node in subject.plan.nodes():
        lossy, exact = blocks(node)
        if lossy and not by_nature(node) and subject.worth([node]):
            pages = _pages(node, lossy + exact)
            if memory.to_map(pages) > memory.work_mem(subject):
                yield _found(subject, node, lossy, exact, pages)


def _found(subject: Subject, node: PlanNode, lossy: float, exact: float, pages: float) -> Found:
    spent = subject.spent([node])
    return Found(
        node,
        f"checks all rows in {share(lossy, lossy + exact)} of the blocks of {names.table(node)} again: "
        f"work_mem ({size(memory.work_mem(subject))}) is too small for its bitmap",
        f"{counted(lossy, 'lossy block')} beside {counted(exact, 'exact one')}, "
        f"{counted(node.total('Rows Removed by Index Recheck'), 'row')} read for nothing",
        memory.remedy(subject, memory.to_map(pages)),
        # The blocks are read in any case: it is the checking of their rows that is saved.
        None if spent is None else spent * lossy / (lossy + exact),
    )


def _pages(node: PlanNode, counted_blocks: float) -> float:
    """Return how many blocks one bitmap had: where several were combined, of the index that found the most."""
    found = [each for each in feeding(node) if each.kind == "Bitmap Index Scan"]
    combined = max((each.actual.rows_per_loop for each in found if each.actual), default=0.0) if len(found) > 1 else 0.0
    workers = node.own_buffers.touched if node.own_buffers and node.actual and node.actual.processes > 1 else 0
    return max(counted_blocks, workers, combined) / executions(node)
