"""How many rows the planner expected of a node, and by which factor it was wrong.

Plan Rows are those of one execution. Of a node whose rows several processes share they are one process's part, as the
planner counts processes: the workers it plans, and of the leader what running the workers leaves it time for
(get_parallel_divisor). How many processes really took part, and which one had the rows, says nothing of the estimate.
"""

from __future__ import annotations

from collections.abc import Mapping

from dbops.explain.plan.attributes import number
from dbops.explain.plan.draft import Draft
from dbops.explain.plan.limits import MOST_PROCESSES

_LEADER_BUSY = 0.3
"""Which part of the leader's time a worker takes."""
# These give a part of their own for each process, however many rows they read.
_EACH_ITS_OWN = frozenset({"Aggregate", "Group", "Unique", "Limit", "WindowAgg"})
# These count no rows: a bitmap's are those of the scan above it, and a write without RETURNING gives none.
_WITHOUT_ROWS = frozenset({"BitmapAnd", "BitmapOr", "ModifyTable"})


def expect(root: Draft, settings: Mapping[str, str]) -> None:
    """Fill in ``executions`` and ``expected`` of every node that was run."""
    leads = settings.get("parallel_leader_participation", "on") == "on"
    for draft in root.walk():
        if draft.kind in {"Gather", "Gather Merge"} and draft.loops:
            processes = _processes(number(draft.raw, "Workers Planned"), leads=leads)
            for child in draft.children:
                _expect_shared(child, processes, draft.loops)
    for draft in root.walk():
        if "Actual Loops" in draft.raw and "Plan Rows" in draft.raw and draft.expected is None:
            draft.executions = draft.loops
            draft.expected = number(draft.raw, "Plan Rows") * draft.loops


def factor(draft: Draft) -> float | None:
    """Return actual over expected rows of an execution, both at least one, as the planner expects no fewer.

    None where that says nothing.
    """
    if draft.expected is None or not draft.loops or draft.kind in _WITHOUT_ROWS:
        return None
    actual = number(draft.raw, "Actual Rows") * draft.loops
    found = max(actual / draft.executions, 1.0) / max(draft.expected / draft.executions, 1.0)
    if found < 1 and draft.cut_short:
        return None
    if found > 1 and draft.role == "Inner" and draft.kind in {"Sort", "Materialize"} and _rereads(draft):
        return None
    return found


def _processes(workers: float, *, leads: bool) -> float:
    """Return how many processes the planner counts."""
    leader = max(1.0 - _LEADER_BUSY * workers, 0.0) if leads else 0.0
    return min(max(workers + leader, 1.0), MOST_PROCESSES)


def _expect_shared(draft: Draft, processes: float, executions: float) -> bool:
    """Fill in what is expected of a node below a Gather and of those below that share rows; tell whether it does."""
    if draft.role in {"InitPlan", "SubPlan"}:
        return False
    below = [_expect_shared(child, processes, executions) for child in draft.children]
    shared = draft.parallel or (any(below) and draft.kind not in _EACH_ITS_OWN)
    if shared and draft.loops and "Plan Rows" in draft.raw:
        draft.executions = executions
        draft.expected = number(draft.raw, "Plan Rows") * processes * executions
    return shared


def _rereads(draft: Draft) -> bool:
    """Whether a merge join went back in its inner side, which counts rows again each time."""
    below = draft.children[0] if draft.children else None
    return below is not None and number(draft.raw, "Actual Rows") > number(below.raw, "Actual Rows")
