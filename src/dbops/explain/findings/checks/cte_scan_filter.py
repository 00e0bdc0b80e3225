"""Most rows of a CTE are made, kept, and then thrown away by a filter.

Why: A CTE that is materialized is a wall: conditions outside of it don't get in, so that it makes all of its rows and
no index helps to find those that are wanted.

Instead: `WITH x AS NOT MATERIALIZED (…)` has it planned as part of the query (a CTE that is read once is, unless it
says MATERIALIZED); where it is read several times, write the condition inside. A recursive CTE and one that writes must
be materialized, and are not told.

Source: dbops's own: over half of its rows removed, as pev2 has it for filters, and 1,000 of them at least.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.names import name
from dbops.explain.findings.trees import cte
from dbops.explain.findings.words import count, counted, cut, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE events AS SELECT i AS id, i % 1000 AS who FROM generate_series(1, 60000) AS i
-- setup: CREATE INDEX ON events (who)
-- setup: ANALYZE events
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLE,
    "WITH e AS MATERIALIZED (SELECT id, who FROM events) SELECT id FROM e WHERE who = 7",
    "WITH e AS (SELECT who % 100 AS who, count(*) AS n FROM events GROUP BY events.who)\n"
    "SELECT a.n FROM e a, e b, events WHERE a.who = 7 AND b.who = 8 AND events.who = b.n",
)
GOOD = (
    *after(
        _TABLE,
        "WITH e AS (SELECT id, who FROM events) SELECT id FROM e WHERE who = 7",
        "WITH e AS MATERIALIZED (SELECT id, who FROM events WHERE who = 7) SELECT id FROM e WHERE id > 7",
    ),
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 20000)\nSELECT n FROM r WHERE n = 7",
)

_MUCH = 0.5
_ROWS = 1000
_MUST = frozenset({"Recursive Union", "ModifyTable"})


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each CTE of whose rows its readers throw most away."""
    readers: dict[str, list[PlanNode]] = {}
    for node in subject.plan.nodes():
        if node.kind == "CTE Scan" and node.ran:
            readers.setdefault(node.text("CTE Name"), []).append(node)
    for scans in readers.values():
        root = cte(subject.plan, scans[0])
        if root is not None and not any(node.kind in _MUST for node in root.walk()):
            yield from _found(subject, scans, root)


def _found(subject: Subject, scans: list[PlanNode], root: PlanNode) -> Iterator[Found]:
    removed = sum(scan.total("Rows Removed by Filter") for scan in scans)
    read = removed + sum(scan.actual.rows for scan in scans if scan.actual)
    unfiltered = [scan for scan in scans if not scan.text("Filter")]
    working = [*scans, *root.walk()]
    if removed < _ROWS or removed < _MUCH * read or unfiltered or not subject.worth(working):
        return
    first = max(scans, key=lambda scan: scan.total("Rows Removed by Filter"))
    called = name(first.text("CTE Name"))
    spent = subject.spent(working)
    yield Found(
        first,
        f"throws away {share(removed, read)} of the rows of the CTE {called}",
        f"{count(removed)} of {counted(read, 'row')} removed by Filter: {cut(first.text('Filter'))}",
        f"write {called} AS NOT MATERIALIZED (…), or its conditions inside of it"
        + (f" (it is read {len(scans)} times: combined by OR)" if len(scans) > 1 else ""),
        # What has the condition inside makes the rows that are kept only.
        None if spent is None else spent * removed / read,
    )
