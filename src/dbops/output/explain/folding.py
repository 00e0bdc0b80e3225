"""Which parts of a big plan need not be shown: those that take next to nothing and in which nothing was found."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dbops.output.explain.measure import Measure
from dbops.results.plan import Plan, PlanNode

_MANY = 40
"""A plan of so many nodes is shown whole."""
_LITTLE = 0.01
_KEPT = 3
_TOGETHER = 0.1


@dataclass(frozen=True, slots=True)
class Folded:
    """Subtrees that are shown as one line; ``own`` is the time (or cost) of all their ``count`` nodes."""

    nodes: tuple[PlanNode, ...]
    count: int
    own: float
    never_ran: bool


class Folding:
    """A plan's tree as it is shown."""

    def __init__(self, plan: Plan, found: Collection[int], *, full: bool = False) -> None:
        """``found`` are the ids of nodes with a finding; ``full`` folds nothing."""
        self._measure = Measure.of(plan)
        self._share: dict[int, float] = {}
        self._size: dict[int, int] = {}
        self._own: dict[int, float] = {}
        self._found = {number: number in found for number in (node.id for node in plan.nodes())}
        for node in reversed([*plan.nodes()]):  # children before their parents
            below = node.children
            self._size[node.id] = 1 + sum(self._size[each.id] for each in below)
            self._own[node.id] = self._measure.own(node) + sum(self._own[each.id] for each in below)
            self._share[node.id] = self._measure.share(node) + sum(self._share[each.id] for each in below)
            self._found[node.id] |= any(self._found[each.id] for each in below)
        self._folds = self._size[plan.root.id] > _MANY and self._measure.known and not full

    def below(self, node: PlanNode) -> tuple[tuple[PlanNode, ...], Folded | None]:
        """Return the children that are shown, and the others as one.

        Of many children that take little each but something together (the partitions of a table) the first few by time
        are shown.
        """
        if not self._folds:
            return node.children, None
        little = [each for each in node.children if self._share[each.id] < _LITTLE and not self._found[each.id]]
        if sum(self._share[each.id] for each in little) >= _TOGETHER:
            little = sorted(little, key=lambda each: -self._own[each.id])[_KEPT:]
        hidden = {each.id for each in little}
        if sum(self._size[number] for number in hidden) <= 1:
            return node.children, None
        shown = tuple(each for each in node.children if each.id not in hidden)
        return shown, self._folded(tuple(each for each in node.children if each.id in hidden))

    def own(self, node: PlanNode) -> float:
        """Return the time (or cost) of a node and all below it, each counted once."""
        return self._own[node.id]

    def size(self, node: PlanNode) -> int:
        """Return how many nodes a node and all below it are."""
        return self._size[node.id]

    def _folded(self, nodes: tuple[PlanNode, ...]) -> Folded:
        return Folded(
            nodes,
            sum(self._size[each.id] for each in nodes),
            sum(self._own[each.id] for each in nodes),
            all(each.actual is not None and each.actual.never_ran for each in nodes),
        )
