"""Rows that are kept to be read again did not fit into memory and went to disk.

Why: The result of a CTE, a function, a step of a recursion, a window or a join's inner side is kept; what is larger
than work_mem is written to temporary files.

Instead: Keep less: fewer columns, a filter inside of the CTE, or a CTE that is not materialized. Or the work_mem that
is named here, for this query or its role.

Source: any temporary block written, as in pev2 and Joe. What is needed is dbops's own estimate: what was written (twice
that before 18, where rows lie in memory with gaps) and 48 bytes a row, measured on 13 to 18. Sorts and hashes have
findings of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import memory
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import executions
from dbops.explain.findings.words import BLOCK_KB, counted, size
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE notes AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 60000) AS i
-- setup: ANALYZE notes
-- set: max_parallel_workers_per_gather = 0
"""
BAD = (
    *after(
        _TABLE,
        "-- set: work_mem = '256kB'\n"
        "WITH kept AS MATERIALIZED (SELECT body FROM notes) SELECT count(*), max(body) FROM kept",
    ),
    "-- set: work_mem = '256kB'\nSELECT sum(n) FROM generate_series(1, 200000) AS n",
    *after(
        _TABLE,
        "-- set: work_mem = '256kB'\nSELECT count(*) FROM (VALUES (1), (2)) AS v (x) LEFT JOIN notes n ON n.id > v.x",
        "-- set: work_mem = '256kB'\nSELECT id, count(*) OVER () FROM notes",
    ),
)
GOOD = (
    *after(
        _TABLE,
        "-- set: work_mem = '32MB'\n"
        "WITH kept AS MATERIALIZED (SELECT body FROM notes) SELECT count(*), max(body) FROM kept",
        "-- set: work_mem = '256kB'\nSELECT id, body FROM notes ORDER BY body",
    ),
    "SELECT sum(n) FROM generate_series(1, 20000) AS n",
)

_KEEPS = {
    "CTE Scan": "the CTE's rows",
    "Function Scan": "the function's rows",
    "Table Function Scan": "the function's rows",
    "Materialize": "rows to read them again",
    "Recursive Union": "the recursion's rows",
    "WorkTable Scan": "the recursion's rows",
    "WindowAgg": "the window's rows",
}
_TUPLE_HEADER = 12
"""Bytes of a row on disk beside its columns."""


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each node that kept rows on disk; for each CTE one, however many scans it has."""
    keeping: dict[str, list[PlanNode]] = {}
    for node in subject.plan.nodes():
        if node.kind in _KEEPS and node.ran and _written(node):
            # The scans of a CTE share what is kept of it.
            keeping.setdefault(node.text("CTE Name") if node.kind == "CTE Scan" else str(node.id), []).append(node)
    for nodes in keeping.values():
        if subject.worth(nodes):
            yield _found(subject, nodes)


def _written(node: PlanNode) -> float:
    """Return the kB that it wrote to temporary files by itself."""
    return node.own_buffers.temp_written * BLOCK_KB if node.own_buffers else 0.0


def _found(subject: Subject, nodes: list[PlanNode]) -> Found:
    node, written = max(nodes, key=_written), sum(map(_written, nodes))
    return Found(
        node,
        f"keeps {_KEEPS[node.kind]} on disk, {size(written)}: {memory.shown(subject)} is too small",
        f"{counted(written / BLOCK_KB, 'temporary block')} written, {counted(_rows(node), 'row')} kept",
        memory.remedy(subject, memory.to_keep(subject, _size(node, written), _rows(node))),
        subject.spent(nodes),  # all of it, where nothing needs to be kept
    )


def _size(node: PlanNode, written: float) -> float:
    """Return the kB of what was kept at a time. What is read while it is written may be written more than once."""
    if node.kind == "Materialize" and executions(node) > 1:
        width = node.estimate.width
        return min(written, _rows(node) * 2 * (width + _TUPLE_HEADER) / 1024)
    return written / _times(node)


def _times(node: PlanNode) -> float:
    """Return how often it kept its rows anew; a CTE and what is only read again did it once a process."""
    return 1.0 if node.kind in {"CTE Scan", "Materialize"} else executions(node)


def _rows(node: PlanNode) -> float:
    """Return the rows it kept at a time: for what keeps its input those, else its own before its filter."""
    kept = node.inputs[0] if node.inputs and node.kind != "Recursive Union" else node
    if kept.actual is None or not kept.actual.loops:
        return 0.0
    return (kept.actual.rows + kept.total("Rows Removed by Filter")) / kept.actual.loops
