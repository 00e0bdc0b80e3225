"""Most of a table is read through an index, block by block in the index's order.

Why: Where the table's rows lie in another order than the index's, nearly each row is another block: the same blocks are
looked up again and again, where a sequential scan reads each once.

Instead: See whether the query is faster without the index scan. If it is, the planner thinks that looking up blocks at
random is cheaper than it is (random_page_cost, effective_cache_size), or that fewer rows come. An index with all
columns of the query, or CLUSTER for a table that is not written to, makes the index's order cheap.

Source: dbops's own: half of the table's rows, and twice as many block lookups as it has blocks, 1,000 at least. Told
only where the server's statistics say how large the table is.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import executions
from dbops.explain.findings.words import count, counted, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.INFO
_TABLE = """\
-- setup: CREATE TABLE mixed AS SELECT i AS id, i * 7919 % 60000 AS k, 'x' AS t FROM generate_series(1, 60000) AS i
-- setup: CREATE INDEX ON mixed (k)
-- setup: CREATE INDEX ON mixed (id)
-- setup: ANALYZE mixed
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLE,
    "-- set: random_page_cost = 1\nSELECT k, t FROM mixed ORDER BY k",
)
GOOD = after(
    _TABLE,
    "-- set: enable_indexscan = off\nSELECT k, t FROM mixed ORDER BY k",
    "-- set: enable_sort = off\nSELECT id, t FROM mixed ORDER BY id",
    "-- set: enable_sort = off\nSELECT k, t FROM mixed WHERE k < 500 ORDER BY k",
)

_MUCH = 0.5
_TIMES = 2
_BLOCKS = 1000


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each index scan that touches far more blocks than its table has."""
    for node in subject.plan.nodes():
        facts = subject.facts(node)
        if node.kind != "Index Scan" or node.actual is None or not facts.rows or not facts.pages:
            continue
        touched = (node.own_buffers.touched if node.own_buffers else 0) / executions(node)
        read = (node.actual.rows + node.total("Rows Removed by Filter")) / executions(node)
        if read >= _MUCH * facts.rows and touched >= max(_TIMES * facts.pages, _BLOCKS) and subject.worth([node]):
            yield _found(subject, node, touched, float(facts.pages), share(read, facts.rows))


def _found(subject: Subject, node: PlanNode, touched: float, pages: float, much: str) -> Found:
    spent = subject.spent([node])
    return Found(
        node,
        f"looks up {counted(touched, 'block')} of {names.table(node)}, which has {count(pages)}, to read {much} of it",
        f"{counted(touched, 'block')} touched by {node.label}",
        "SET enable_indexscan = off;  -- to compare, not to keep; where that is faster, see random_page_cost",
        # A sequential scan still touches each block once.
        None if spent is None else spent * (1 - pages / touched),
    )
