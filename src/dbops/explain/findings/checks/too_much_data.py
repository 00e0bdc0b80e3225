"""A join reads a whole table of which it needs next to nothing.

Why: A hash or merge join goes through both of its sides from end to end, even where only a handful of the larger one's
rows have a partner.

Instead: Filter the table before it is joined. Or have an index on the column that it is joined by: a nested loop then
fetches the rows that are needed only. If there is such an index, fewer rows came from the other side than the planner
expected: mend that estimate.

Source: over 100 blocks read or 1,000 found in the cache, as in Joe; that no more than 1 % of the table's rows are
joined is dbops's own threshold. A table that has a filter of its own is `sequential-scan`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings import names
from dbops.explain.findings.conditions import terms
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.joins import sides
from dbops.explain.findings.trees import feeding, source
from dbops.explain.findings.words import count, counted
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLES = """\
-- setup: CREATE TABLE trips AS SELECT i AS id, i % 5000 AS rider, repeat('x', 150) t FROM generate_series(1, 50000) i
-- setup: CREATE TABLE riders AS SELECT i AS id FROM generate_series(1, 5000) AS i
-- setup: ANALYZE trips, riders
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLES,
    "SELECT r.t FROM trips r JOIN riders u ON u.id = r.rider WHERE u.id % 1000 = 7",
    "SELECT r.t FROM trips r WHERE r.rider IN (SELECT id FROM riders WHERE id % 1000 = 7)",
)
GOOD = after(
    _TABLES,
    "SELECT r.t FROM trips r JOIN riders u ON u.id = r.rider WHERE u.id % 2 = 1",
    "-- setup: CREATE INDEX ON trips (rider)\n-- set: enable_hashjoin = off\n-- set: enable_mergejoin = off\n"
    "SELECT r.t FROM trips r JOIN riders u ON u.id = r.rider WHERE u.id % 1000 = 7",
    "SELECT count(*) FROM trips",
    "SELECT id FROM riders u WHERE NOT EXISTS (SELECT FROM trips r WHERE r.rider = u.id)",
)

_READ = 100
_HIT = 1000
_JOINED = 0.01


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each side of a join that is read in full for hardly any of its rows."""
    for node in subject.plan.nodes():
        both = sides(node)
        # An anti join keeps the rows without a partner: no index finds those.
        if node.kind not in {"Hash Join", "Merge Join"} or both is None or "Anti" in node.text("Join Type"):
            continue
        for side in both:
            scan = source(side)
            if node.actual is None or not _much(scan) or not subject.worth(feeding(side)):
                continue
            read = scan.actual.rows if scan.actual else 0.0
            if node.actual.rows <= _JOINED * read:
                yield _found(subject, node, side, scan, read)


def _much(scan: PlanNode) -> bool:
    blocks = scan.own_buffers
    whole = scan.kind == "Seq Scan" and scan.relation and not scan.text("Filter")
    return bool(whole and blocks and (blocks.read > _READ or blocks.hit > _HIT))


def _found(subject: Subject, node: PlanNode, side: PlanNode, scan: PlanNode, read: float) -> Found:
    joined = node.actual.rows if node.actual else 0.0
    touched = scan.own_buffers.touched if scan.own_buffers else 0
    spent = subject.spent(feeding(side))
    table = names.table(scan)
    return Found(
        scan,
        f"reads {counted(read, 'row')} of {table}, of which no more than {count(joined)} are joined",
        f"{counted(touched, 'block')} read; {node.label} gives {counted(joined, 'row')}",
        f"filter {table} before the join, or index it by {_key(node, scan)} so that only the rows needed are fetched",
        # What fetches the joined rows only reads their part of the table at least.
        None if spent is None or not read else spent * (1 - min(joined / read, 1.0)),
    )


def _key(node: PlanNode, scan: PlanNode) -> str:
    """Return the columns that the table is joined by."""
    conditions = [*terms(node.text("Hash Cond")), *terms(node.text("Merge Cond"))]
    columns = dict.fromkeys(
        names.name(side.column.name)
        for term in conditions
        for side in (term.tested(scan.alias),)
        if side is not None and side.column is not None
    )
    return f"({', '.join(columns)})" if columns else "what it is joined by"
