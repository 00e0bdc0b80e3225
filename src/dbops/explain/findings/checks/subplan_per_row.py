"""A subquery is run once for each row.

Why: A subquery that names a column of the query around it can't be run once and looked up: it is executed for each row,
as is a `NOT IN` whose list is too long to be hashed.

Instead: A join with the subquery's grouped result, or LATERAL, or EXISTS, which can be planned as joins; NOT EXISTS for
NOT IN. Where the subquery searches a whole table, at least an index on what it compares. A hashed subquery is run once
and not told.

Source: over 1,000 executions, as for nested loops (QuerySense), that take 10 % of the time, dbops's own threshold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.joins import OFTEN, index
from dbops.explain.findings.trees import expressions, feeding
from dbops.explain.findings.words import count, counted, time
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLES = """\
-- setup: CREATE TABLE teams AS SELECT i AS id FROM generate_series(1, 1500) AS i
-- setup: CREATE TABLE games AS SELECT i AS id, i % 1500 AS team FROM generate_series(1, 2000) AS i
-- setup: ANALYZE teams, games
-- set: max_parallel_workers_per_gather = 0
"""
BAD = after(
    _TABLES,
    "SELECT t.id, (SELECT count(*) FROM games g WHERE g.team = t.id) FROM teams t",
    "-- setup: CREATE TABLE more AS SELECT i AS id FROM generate_series(1, 6000) AS i\n-- setup: ANALYZE more\n"
    "-- set: work_mem = '64kB'\nSELECT id FROM teams WHERE id NOT IN (SELECT id FROM more)",
)
GOOD = after(
    _TABLES,
    "SELECT t.id, count(g.id) FROM teams t LEFT JOIN games g ON g.team = t.id GROUP BY t.id",
    "SELECT t.id FROM teams t WHERE t.id NOT IN (SELECT team FROM games)",
    "SELECT t.id, (SELECT max(id) FROM games) FROM teams t",
    "SELECT t.id, (SELECT count(*) FROM games g WHERE g.team = t.id) FROM teams t WHERE t.id < 10",
)

_SHARE = 0.1


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each subquery that was executed over a thousand times."""
    for node in subject.plan.nodes():
        parent = subject.parent(node)
        if node.role != "SubPlan" or parent is None or node.actual is None or node.actual.loops <= OFTEN:
            continue
        working = list(node.walk())
        spent = subject.spent(working)
        if _hashed(node, parent):
            continue
        if subject.worth(working) and (spent is None or spent >= _SHARE * (subject.plan.ms or 0.0)):
            yield _found(node, parent, node.actual.loops, spent)


def _hashed(node: PlanNode, parent: PlanNode) -> bool:
    return any(re.search(rf"\bhashed {re.escape(str(node.subplan))}\b", text) for text in expressions(parent))


def _found(node: PlanNode, parent: PlanNode, times: float, spent: float | None) -> Found:
    each = "" if spent is None else f", {time(spent / times)} each"
    return Found(
        node,
        f"is a subquery that is run {count(times)} times, once for each row of {parent.label}",
        f"{node.subplan or 'SubPlan'} executed {counted(times, 'time')}{each}",
        _remedy(node),
        spent,  # all of it: a join still reads the subquery's tables once
    )


def _remedy(node: PlanNode) -> str:
    if node.kind == "Materialize":
        return "write NOT EXISTS for NOT IN; or a larger work_mem, so that its list can be hashed"
    searched = next((each for each in feeding(node) if each.kind == "Seq Scan" and each.text("Filter")), None)
    rewrite = "join with the subquery's grouped result, which is made once, or write it as LATERAL or EXISTS"
    if searched is not None and searched.relation and (made := index(searched)) is not None:
        return f"{made}\n-- or {rewrite}"
    return rewrite
