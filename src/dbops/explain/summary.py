"""A plan in a few figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.results.explain import Repeats, Summary, TimeTaker
from dbops.results.plan import Plan, PlanNode

_MOST_TAKERS = 3
_LEAST_SHARE = 0.1
"""A node below this is not one that takes the time; pev2 begins to paint there, too."""


def summary(plan: Plan, *, block_size: int = 8192, repeats: Repeats | None = None) -> Summary:
    """Return the query's total figures and the nodes that take the time, or the cost of a plan that was not run."""
    root, buffers = plan.root, plan.root.buffers
    run = plan.analyzed
    return Summary(
        cost=root.estimate.total_cost,
        expected_rows=root.estimate.rows,
        execution_ms=plan.ms if run else None,
        planning_ms=plan.planning_ms,
        rows=root.actual.rows if root.actual else None,
        blocks_hit=buffers.hit if buffers and run else None,
        blocks_read=buffers.read if buffers and run else None,
        temp_bytes=buffers.temp_written * block_size if buffers and run else None,
        takers=_takers(plan),
        repeats=repeats,
    )


def measured(times: Sequence[float]) -> Repeats | None:
    """Return what several runs took, None for a single one; of an even number the median is the lower middle one's."""
    if len(times) < 2:
        return None
    ordered = sorted(times)
    return Repeats(len(ordered), ordered[0], ordered[(len(ordered) - 1) // 2], ordered[-1])


def _takers(plan: Plan) -> tuple[TimeTaker, ...]:
    ranked = sorted(plan.nodes(), key=_share, reverse=True)[:_MOST_TAKERS]
    return tuple(
        TimeTaker(node.id, node.label, node.actual.own_ms if node.actual else None, _share(node))
        for node in ranked
        if _share(node) >= _LEAST_SHARE
    )


def _share(node: PlanNode) -> float:
    if node.actual is not None:
        return node.actual.share or 0.0
    return node.estimate.cost_share
