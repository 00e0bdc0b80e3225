"""Two plans side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from dbops.results.explain import Comparison, NodeChange
from dbops.results.plan import Plan, PlanNode


def compare(before: Plan, after: Plan, name: str) -> Comparison:
    """Return what changed from ``before``, called ``name``, to ``after``.

    Times are compared where both were run, else costs: the factor is before over after, above 1 for faster.
    """
    timed = before.analyzed and after.analyzed and before.ms is not None and after.ms is not None
    by = "execution_ms" if timed else "cost"
    one, other = ((before.ms or 0.0), (after.ms or 0.0)) if timed else (_cost(before), _cost(after))
    one_depths, other_depths = _depths(before), _depths(after)
    nodes = tuple(
        replace(
            node,
            depth_before=one_depths.get(node.node_before or 0, 0),
            depth_after=other_depths.get(node.node_after or 0, 0),
        )
        for node in _changes(list(before.nodes()), list(after.nodes()))
    )
    return Comparison(
        other=name,
        by=by,
        before=one,
        after=other,
        factor=one / other if other else None,
        same_shape=not any(node.changed for node in nodes),
        nodes=nodes,
        settings=tuple(_settings(before, after)),
    )


def _depths(plan: Plan) -> dict[int, int]:
    """Return how deep each node stands, by its id."""
    depths = {plan.root.id: 0}
    for node in plan.nodes():
        depths.update((child.id, depths[node.id] + 1) for child in node.children)
    return depths


def _cost(plan: Plan) -> float:
    return plan.root.estimate.total_cost


def _changes(before: list[PlanNode], after: list[PlanNode]) -> Iterator[NodeChange]:
    """Yield the nodes of both plans in order; those that differ are paired where they read the same table."""
    matcher = SequenceMatcher(None, [_sign(node) for node in before], [_sign(node) for node in after], autojunk=False)
    for what, start, end, from_, to in matcher.get_opcodes():
        if what == "equal":
            for one, other in zip(before[start:end], after[from_:to], strict=True):
                yield _change(one, other)
        else:
            yield from _paired(before[start:end], after[from_:to])


def _paired(before: list[PlanNode], after: list[PlanNode]) -> Iterator[NodeChange]:
    left = list(after)
    for one in before:
        like = next((other for other in left if _reads(one) is not None and _reads(one) == _reads(other)), None)
        if like is not None:
            left.remove(like)
        yield _change(one, like)
    for other in left:
        yield _change(None, other)


def _reads(node: PlanNode) -> str | None:
    return node.alias or node.relation


def _sign(node: PlanNode) -> tuple[str, str | None]:
    return node.label, node.subplan


def _change(one: PlanNode | None, other: PlanNode | None) -> NodeChange:
    return NodeChange(
        label_before=None if one is None else one.label,
        label_after=None if other is None else other.label,
        node_before=None if one is None else one.id,
        node_after=None if other is None else other.id,
        own_ms_before=_own(one),
        own_ms_after=_own(other),
        rows_before=_rows(one),
        rows_after=_rows(other),
        changed=one is None or other is None or _sign(one) != _sign(other),
    )


def _own(node: PlanNode | None) -> float | None:
    return node.actual.own_ms if node is not None and node.actual is not None else None


def _rows(node: PlanNode | None) -> float | None:
    if node is None:
        return None
    return node.actual.rows if node.actual is not None else node.estimate.rows


def _settings(before: Plan, after: Plan) -> Iterator[str]:
    """Yield what was set otherwise; a plan names only what is not at its default."""
    for name in sorted({*before.settings, *after.settings}):
        one, other = before.settings.get(name, "default"), after.settings.get(name, "default")
        if one != other:
            yield f"{name}: {one} → {other}"
