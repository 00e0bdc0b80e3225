"""An index found many rows that turned out not to match.

Why: Some indexes can only say that a row may match: trigrams and full text (GIN, GiST) don't know the order of what
they find, a BRIN index knows the smallest and largest value of a range of blocks. Each row is read and compared again.

Instead: A longer pattern, or a B-tree where values are compared. A BRIN index needs a table that lies in the column's
order; a smaller `pages_per_range` makes it more exact.

Source: over half of the rows, as pev2 has it for filters, and 100 of them, as in Joe for index scans. A bitmap that was
too large for work_mem is `lossy-bitmap`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.bitmaps import blocks, by_nature
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import feeding
from dbops.explain.findings.words import count, counted, cut, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE hits AS SELECT i * 7919 % 5000 AS k, i AS id FROM generate_series(1, 60000) AS i
-- setup: CREATE INDEX ON hits USING brin (k)
-- setup: CREATE INDEX ON hits USING brin (id)
-- setup: ANALYZE hits
-- set: max_parallel_workers_per_gather = 0
-- set: enable_seqscan = off
"""
BAD = after(
    _TABLE,
    "SELECT id FROM hits WHERE k = 7",
)
GOOD = after(
    _TABLE,
    "SELECT id FROM hits WHERE id < 40000",
)

_MUCH = 0.5
_ROWS = 100


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each scan whose index found more that doesn't match than that does."""
    for node in subject.plan.nodes():
        removed = node.total("Rows Removed by Index Recheck")
        if node.actual is None or removed <= _ROWS or not node.relation or (blocks(node)[0] and not by_nature(node)):
            continue
        read = removed + node.total("Rows Removed by Filter") + node.actual.rows
        if removed >= _MUCH * read and subject.worth(feeding(node)):
            spent = subject.spent(feeding(node))
            yield Found(
                node,
                f"reads {counted(read, 'row')} of {names.table(node)}, {share(removed, read)} of which don't match",
                f"{count(removed)} removed by Index Recheck: {cut(_condition(node))}",
                _remedy(node),
                # An exact index finds the rows that are kept only.
                None if spent is None else spent * removed / read,
            )


def _condition(node: PlanNode) -> str:
    return node.text("Recheck Cond") or node.text("Index Cond")


def _remedy(node: PlanNode) -> str:
    if by_nature(node):
        return "a B-tree finds the rows; a BRIN index helps where the table lies in the column's order"
    return "the index can only say that a row may match: a longer pattern, or an index that compares exactly"
