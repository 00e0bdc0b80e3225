"""What the nodes of a plan are compared by: their time where it was measured, else their cost."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.output import figures
from dbops.results.plan import Plan, PlanNode

LEVELS = (0.1, 0.4, 0.9)
"""Shares above which a node is of the levels 1, 2 and 3: pev2's 10, 40 and 90 %."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Time, or cost where no times are known: the two are never mixed up. Neither may be ``known``."""

    timed: bool
    known: bool

    @classmethod
    def of(cls, plan: Plan) -> Measure:
        """Return what the plan's nodes can be compared by."""
        timed = plan.root.actual is not None and plan.root.actual.ms is not None
        return cls(timed, timed or plan.root.estimate.known)

    @property
    def name(self) -> str:
        """``time`` or ``cost``."""
        return "time" if self.timed else "cost"

    def own(self, node: PlanNode) -> float:
        """Return the node's own time in ms, or its own cost."""
        return node.own_ms if self.timed else node.estimate.own_cost

    def share(self, node: PlanNode) -> float:
        """Return the own time's or cost's share of the whole, 0 to 1."""
        if self.timed:
            return (node.actual.share or 0.0) if node.actual else 0.0
        return node.estimate.cost_share

    def shown(self, value: float) -> str:
        """Return a time or cost for reading."""
        return figures.time(value) if self.timed else figures.count(value)


def level(share: float) -> int:
    """Return 0 to 3: how hot a node is."""
    return sum(share > bound for bound in LEVELS)
