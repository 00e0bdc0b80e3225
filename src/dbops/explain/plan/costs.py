"""Which part of the cost is a node's own.

EXPLAIN's costs are of one execution. A node's part of the whole is its cost times how often the planner thinks it is
executed: the inner side of a nested loop once an outer row, what is below a LIMIT only in part.
"""

from __future__ import annotations

from dbops.explain.plan.attributes import number
from dbops.explain.plan.draft import Draft
from dbops.explain.plan.limits import LARGEST

_ROUNDS = 10
"""How often the planner thinks that the recursive part of a recursive query runs (cost_recursive_union)."""
_WHOLE, _ONCE, _OFTEN = range(3)
_KEEPS_ROWS = frozenset({"Materialize", "Sort"})
"""These give their rows again without executing what is below them again."""


def share_cost(root: Draft) -> None:
    """Fill in ``cost`` of every node, and its part in ``own``; together the parts are the root's cost."""
    _share(root, number(root.raw, "Total Cost"), 1.0)


def _share(draft: Draft, cost: float, times: float) -> None:
    """Hand a node's ``cost``, of so many executions, down to its children: no more than there is."""
    draft.cost = cost
    executions = [min(times * _executions(draft, child), LARGEST) for child in draft.children]
    costs = [number(child.raw, "Total Cost") * each for child, each in zip(draft.children, executions, strict=True)]
    scales = _scales(draft, cost, costs)
    for child, each, part, scale in zip(draft.children, executions, costs, scales, strict=True):
        _share(child, part * scale, times if _keeps_rows(draft, child) else each * scale)
    draft.own["cost"] = max(cost - sum(child.cost for child in draft.children), 0.0)


def _scales(draft: Draft, cost: float, costs: list[float]) -> list[float]:
    """Return which part of their costs the children get, where together they cost more than the parent.

    What runs often is then cheaper than said: its rows are kept, or not all are read. Where nothing does, or that isn't
    enough, the parent stops early and pays a part of its inputs; only InitPlans and CTEs it always pays whole.
    """
    total = sum(costs)
    if total <= cost:
        return [1.0] * len(costs)
    for rank in (_OFTEN, _ONCE):
        cheaper = [_rank(draft, child) >= rank for child in draft.children]
        taken = sum(part for part, cheap in zip(costs, cheaper, strict=True) if cheap)
        if taken and total - taken < cost:
            return [(cost - (total - taken)) / taken if cheap else 1.0 for cheap in cheaper]
    return [cost / total] * len(costs)


def _rank(parent: Draft, child: Draft) -> int:
    """Return how readily a child's cost is taken for less than it is said to be."""
    if child.role == "InitPlan":
        return _WHOLE
    return _OFTEN if _repeats(parent, child) else _ONCE


def _repeats(parent: Draft, child: Draft) -> bool:
    """Whether the parent executes the child more than once for one execution of its own."""
    if child.role == "SubPlan":
        return not parent.is_hashed(child)
    return child.role == "Inner" and parent.kind in {"Nested Loop", "Recursive Union"}


def _keeps_rows(parent: Draft, child: Draft) -> bool:
    """Whether the child gives its rows again and again without executing again what is below it."""
    return parent.kind == "Nested Loop" and child.role == "Inner" and child.kind in _KEEPS_ROWS


def _executions(parent: Draft, child: Draft) -> float:
    """Return how often the planner thinks that the parent executes the child, for one execution of its own.

    A SubPlan is executed for each row that is looked at; without an input below, how many those are is not said.
    """
    if not _repeats(parent, child):
        return 1.0
    if parent.kind == "Recursive Union" and child.role == "Inner":
        return _ROUNDS
    return max(number((parent.child("Outer") or parent).raw, "Plan Rows"), 1.0)
