"""Most of what a table's blocks hold is dead or empty.

Why: Rows that were deleted or updated stay until VACUUM removes them, and the blocks they leave behind stay part of the
table. A scan reads them all.

Instead: VACUUM for dead rows; see that no long transaction, replication slot or prepared transaction keeps them alive.
Blocks that are empty already are given back by VACUUM FULL, which locks the table against everything, or by pg_repack
or pg_squeeze, which don't.

Source: dbops's own: a third of the rows dead, and 1,000 of them (autovacuum comes at a sixth by default); or fewer rows
than one in five blocks. Told only where the server's statistics say so.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.trees import SCANS
from dbops.explain.findings.words import count, counted, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE queue AS SELECT i AS id, repeat('x', 900) AS job FROM generate_series(1, 20000) AS i
-- setup: ALTER TABLE queue SET (autovacuum_enabled = off)
-- set: max_parallel_workers_per_gather = 0
"""
# Without the flush the server may count deletions only after it is asked.
BAD = after(
    _TABLE,
    "-- pg: 15\n-- setup: DELETE FROM queue WHERE id % 5 > 0\n-- setup: SELECT pg_stat_force_next_flush()\n"
    "-- setup: ANALYZE queue\nSELECT max(job) FROM queue",
    "-- setup: DELETE FROM queue WHERE id < 19900\n-- setup: VACUUM (ANALYZE) queue\n"
    "SELECT max(q.m) FROM generate_series(1, 20) n, LATERAL (SELECT max(job) AS m FROM queue WHERE id > n) AS q",
)
GOOD = after(
    _TABLE,
    "-- setup: ANALYZE queue\nSELECT max(job) FROM queue",
    "-- pg: 15\n-- setup: DELETE FROM queue WHERE id % 5 > 0\n-- setup: SELECT pg_stat_force_next_flush()\n"
    "-- setup: VACUUM (ANALYZE) queue\nSELECT max(job) FROM queue",
)

_DEAD = 1 / 3
_LEAST_DEAD = 1000
_BLOCKS_A_ROW = 5
_BLOCKS = 50


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each table, at the first scan of it."""
    if not subject.plan.analyzed:
        return
    told: set[tuple[str | None, str]] = set()
    for node in subject.plan.nodes():
        if node.kind not in SCANS or not node.relation or (node.schema, node.relation) in told:
            continue
        if not subject.worth([node]):
            continue
        found = _dead(subject, node) or _empty(subject, node)
        if found is not None:
            told.add((node.schema, node.relation))
            yield found


def _dead(subject: Subject, node: PlanNode) -> Found | None:
    rows, dead = subject.facts(node).rows, subject.facts(node).dead
    if rows is None or dead is None or dead < max(_LEAST_DEAD, _DEAD * (rows + dead)):
        return None
    return Found(
        node,
        f"reads {names.table(node)}, {share(dead, rows + dead)} of whose rows are dead",
        f"{counted(dead, 'dead row')} beside {count(rows)} live ones",
        f"VACUUM {names.table(node)};  -- and see what keeps autovacuum from it: a long transaction, a slot, settings",
        _saving(subject, node, dead / (rows + dead)),
    )


def _empty(subject: Subject, node: PlanNode) -> Found | None:
    pages = subject.facts(node).pages
    if pages is None or pages < _BLOCKS or node.kind != "Seq Scan" or node.cut_short or node.actual is None:
        return None
    held = node.actual.rows_per_loop + node.number("Rows Removed by Filter")
    held *= node.actual.processes
    if held * _BLOCKS_A_ROW > pages:
        return None
    return Found(
        node,
        f"reads {counted(pages, 'block')} of {names.table(node)} that hold {counted(held, 'row')}",
        f"{counted(pages, 'block')}, {counted(held, 'row')} read in each execution",
        f"VACUUM (FULL, ANALYZE) {names.table(node)};  -- locks it against everything; pg_repack does it without",
        _saving(subject, node, 1.0),
    )


def _saving(subject: Subject, node: PlanNode, portion: float) -> float | None:
    """Return the part of the scan's time that goes into what is dead or empty."""
    spent = subject.spent([node])
    return None if spent is None else spent * portion
