"""Far more or far fewer rows came than the planner expected.

Why: The planner chooses how to read and join tables by the number of rows it expects. Few expected rows lead to nested
loops and index scans that are executed far too often, many to hashes and sorts of tables of which a handful of rows is
needed; and each estimate above is wrong by as much.

Instead: ANALYZE where the table changed since the last time. CREATE STATISTICS where several columns that depend on
each other are compared, or an expression. A larger statistics target for a column with uneven values. A generic plan of
a prepared statement knows no values: `plan_cache_mode`.

Source: ten times is an info, a hundred a warning: the steps of pev2 and pgAdmin (10, 100, 1,000). Told once, at the
lowest node where it begins, and only from 1,000 rows on and where it decides how a table is read or joined: dbops's
own. Not told of nodes that were stopped early.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.estimates import origins
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.statistics import cause
from dbops.explain.findings.trees import JOINS, SCANS, executions, feeding
from dbops.explain.findings.words import count, counted, factor
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE flats AS SELECT i AS id, i % 40 AS town, i % 40 AS land FROM generate_series(1, 60000) AS i
-- setup: ALTER TABLE flats SET (autovacuum_enabled = off)
-- setup: ANALYZE flats
-- set: max_parallel_workers_per_gather = 0
"""
_GROWN = """\
-- setup: INSERT INTO flats SELECT i, 7 FROM generate_series(1, 60000) AS i
"""
BAD = after(
    _TABLE,
    "SELECT id FROM flats WHERE town = 7 AND land = 7",
    "-- pg: 14\nSELECT count(*) FROM flats WHERE id % 2 = 1",
    "-- setup: INSERT INTO flats SELECT i, 7 FROM generate_series(1, 60000) AS i\n"
    "SELECT count(*) FROM flats WHERE town = 7",
    "SELECT count(*) FROM flats f\n"
    "JOIN (SELECT town, land, count(*) AS n FROM flats GROUP BY town, land) AS g ON f.id = g.n",
)
GOOD = after(
    _TABLE,
    "SELECT id FROM flats WHERE town = 7",
    "-- setup: CREATE STATISTICS flats_town (mcv) ON town, land FROM flats\n-- setup: ANALYZE flats\n"
    "SELECT id FROM flats WHERE town = 7 AND land = 7",
    "-- setup: INSERT INTO flats SELECT i, 7 FROM generate_series(1, 60000) AS i\n-- setup: ANALYZE flats\n"
    "SELECT count(*) FROM flats WHERE town = 7",
    "SELECT id FROM flats WHERE town < 30 LIMIT 5",
)

_WARNING = 100.0
_HINGES = frozenset({*JOINS, "Sort", "Incremental Sort", "Hash", "Aggregate", "Materialize", "Memoize", "WindowAgg"})


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each node where a wrong estimate begins; of the same cause one."""
    told: set[str] = set()
    for node in sorted(origins(subject), key=lambda each: -_distance(each)):
        found = _found(subject, node)
        if f"{found.remedy} {node.relation}" not in told:
            told.add(f"{found.remedy} {node.relation}")
            yield found


def _found(subject: Subject, node: PlanNode) -> Found:
    why = cause(subject, node)
    came, expected = node.actual.rows if node.actual else 0.0, node.expected_rows or 0.0
    distance, times = _distance(node), executions(node)
    executed = f", in {counted(times, 'execution')}" if times > 1 else ""
    return Found(
        node,
        f"{counted(came, 'row')} came where {count(expected)} were expected: {why.why}",
        f"{factor(distance)} {'more' if came > expected else 'fewer'} than expected{executed}",
        why.remedy,
        subject.spent(_hinging(subject, node)),
        Severity.WARNING if distance >= _WARNING else Severity.INFO,
    )


def _distance(node: PlanNode) -> float:
    """Return how many times too many or too few rows came."""
    wrong = node.factor or 1.0
    return max(wrong, 1 / wrong)


def _hinging(subject: Subject, node: PlanNode) -> list[PlanNode]:
    """Return what was planned for the number of rows: the scan, what works on them above, what is looked up for each.

    Its time is the most that a better plan could save.
    """
    hinging = {node.id: node} if node.kind in SCANS else {}
    below = node
    for above in subject.above(node):
        if above.kind in _HINGES:
            hinging[above.id] = above
        if above.kind == "Nested Loop" and below.role == "Outer":
            hinging |= {each.id: each for child in above.inputs if child is not below for each in feeding(child)}
        below = above
    return list(hinging.values())
