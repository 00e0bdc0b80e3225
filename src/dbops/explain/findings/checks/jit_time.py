"""Compiling expressions took a noticeable part of the time.

Why: JIT pays when a query computes for minutes. The planner decides by cost alone, and a cost that is too high (a
misestimate, many partitions) has a short query compiled for longer than it runs.

Instead: `SET jit = off` for this query or role, or raise `jit_above_cost` so that only long queries are compiled; where
rows were misestimated, mend that first.

Source: over 10 % of the time is dbops's own threshold; compiling under 5 ms is not worth a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.words import counted, share, time
from dbops.results.lint import Severity

SEVERITY = Severity.WARNING
BAD = (
    """\
-- jit
-- setup: CREATE TABLE jitted AS SELECT i, i % 10 AS k FROM generate_series(1, 20000) AS i
-- set: jit = on
-- set: jit_above_cost = 0
-- set: jit_inline_above_cost = 0
-- set: jit_optimize_above_cost = 0
SELECT k, sum(i), avg(i), max(i * 2), min(i + 1) FROM jitted GROUP BY k""",
)
GOOD = (
    """\
-- setup: CREATE TABLE jitted AS SELECT i, i % 10 AS k FROM generate_series(1, 20000) AS i
-- set: jit = off
SELECT k, sum(i), avg(i), max(i * 2), min(i + 1) FROM jitted GROUP BY k""",
)

_SHARE = 0.1
_LEAST_MS = 5.0


def find(subject: Subject) -> Iterator[Found]:
    """Yield one finding for the plan as a whole."""
    plan = subject.plan
    if plan.jit_ms is None or not plan.ms or plan.jit_ms < _LEAST_MS or plan.jit_ms < _SHARE * plan.ms:
        return
    yield Found(
        None,
        f"compiling expressions (JIT) took {share(plan.jit_ms, plan.ms)} of the time",
        f"{counted(plan.jit_functions, 'function')} compiled in {time(plan.jit_ms)} of {time(plan.ms)}",
        "SET jit = off;  -- for this query or role; or raise jit_above_cost",
        plan.jit_ms,
    )
