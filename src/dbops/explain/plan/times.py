"""Which part of the time, the blocks and the cost is a node's own.

PostgreSQL's figures include the nodes below, and its times are averages over loops. Three things make that more than a
subtraction:

- Below a Gather several processes run at once. What they took together divided by their number is the time on the
  clock; their number is how often Gather's child was started for each time Gather was. (What a process waits for the
  slowest one is then Gather's own.)
- An InitPlan or CTE hangs below one node and is run by others; see ``bearers``.
- Costs are of one execution, and not every node is executed once; see ``costs``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.explain.plan.attributes import BLOCKS, IO_TIMES, number
from dbops.explain.plan.bearers import bearers
from dbops.explain.plan.costs import share_cost
from dbops.explain.plan.draft import Draft
from dbops.explain.plan.limits import MOST_PROCESSES

__all__ = ["Draft", "work_out"]

_GATHERS = frozenset({"Gather", "Gather Merge"})


def work_out(root: Draft) -> None:
    """Fill in ``processes``, ``spent``, ``own`` and ``cost`` of every node."""
    _count_processes(root, 1.0)
    pairs = [(draft, child) for draft in root.walk() for child in draft.children]
    for draft in root.walk():
        draft.spent = dict(_spent(draft))
        draft.own = dict(draft.spent)
    for is_next in (_is_input, _is_init_plan, _is_cte):  # whoever ran one is found by what the others leave
        for parent, child in pairs:
            if is_next(child):
                _take(bearers(parent, child), child)
    share_cost(root)


def _is_input(child: Draft) -> bool:
    return child.role != "InitPlan"


def _is_init_plan(child: Draft) -> bool:
    return child.role == "InitPlan" and child.cte is None


def _is_cte(child: Draft) -> bool:
    return child.cte is not None


def _take(runners: Sequence[Draft], child: Draft) -> None:
    """Take what a node spent from those in whose figures it is; of several each has as much of it as fits there."""
    for name, spent in child.spent.items():
        left = spent
        for runner in runners:
            part = min(left, runner.own.get(name, 0.0))
            runner.own[name] = runner.own.get(name, 0.0) - part
            left -= part


def _count_processes(draft: Draft, processes: float) -> None:
    draft.processes = processes
    for child in draft.children:
        within = processes
        if draft.kind in _GATHERS and child.role == "Outer" and draft.loops and child.loops:
            within = min(max(child.loops / draft.loops, 1.0) * processes, MOST_PROCESSES)
        elif draft.kind == "Bitmap Heap Scan" and draft.parallel:
            within = 1.0  # one process makes the bitmap while the others wait for it
        _count_processes(child, within)


def _spent(draft: Draft) -> Iterator[tuple[str, float]]:
    raw = draft.raw
    if "Actual Total Time" in raw:
        yield "ms", number(raw, "Actual Total Time") * draft.loops / draft.processes
    for name, keys in (*BLOCKS.items(), *IO_TIMES.items()):
        if any(key in raw for key in keys):
            yield name, sum(number(raw, key) for key in keys)
