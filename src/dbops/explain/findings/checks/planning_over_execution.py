"""Planning took longer than the query.

Why: A query that joins many tables or reads many partitions is planned for longer the more ways there are; a statement
that is sent again and again pays that each time. The first query of a connection also reads the catalog.

Instead: Prepare the statement once and execute it often (most drivers and poolers can); fewer partitions, or conditions
that leave most of them out when planning; fewer joins, or a lower join_collapse_limit.

Source: dbops's own: longer than the execution, and 10 ms at least.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.words import counted, time
from dbops.results.lint import Severity
from dbops.results.plan import Plan

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE tree AS SELECT i AS id, i / 2 AS up FROM generate_series(1, 100) AS i
-- setup: ANALYZE tree
-- set: geqo = off
-- set: join_collapse_limit = 12
-- set: from_collapse_limit = 12
"""
BAD = after(
    _TABLE,
    "SELECT a.id FROM tree a JOIN tree b USING (id) JOIN tree c USING (id) JOIN tree d USING (id)\n"
    "JOIN tree e USING (id) JOIN tree f USING (id) JOIN tree g USING (id) JOIN tree h USING (id)\n"
    "JOIN tree i USING (id) JOIN tree j USING (id)",
)
GOOD = after(_TABLE, "SELECT a.id FROM tree a, tree b WHERE a.up = b.id")

_LEAST_MS = 10.0


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for the plan as a whole."""
    plan = subject.plan
    if not plan.analyzed or plan.planning_ms is None or plan.ms is None:
        return
    if plan.planning_ms >= max(_LEAST_MS, plan.ms):
        yield Found(
            None,
            f"planning took {time(plan.planning_ms)}, the query itself {time(plan.ms)}",
            _evidence(plan),
            "prepare the statement once and execute it often; or fewer joins, and fewer partitions",
            plan.planning_ms,
        )


def _evidence(plan: Plan) -> str:
    parts = [counted(sum(1 for _ in plan.nodes()), "node") + " in the plan"]
    if plan.planning_buffers is not None:
        parts.append(f"{counted(plan.planning_buffers.touched, 'block')} of the catalog read meanwhile")
    return ", ".join(parts)
