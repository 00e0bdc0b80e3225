"""The flame graph: each node a rectangle as wide as the time it takes with all below it, its children under it.

The root is at the top. A node's width is its own time and the widths of its children, and so never less than theirs
together. That is its time on the clock in all but these cases: what a CTE or an InitPlan takes is drawn below the node
it hangs from and not a second time in the node that ran it, and where PostgreSQL's own figures contradict each other
(children that took longer than their parent, as workers may) the parent is as wide as its children. Nothing ever sticks
out. A plan that was not run is drawn by cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.output import figures
from dbops.output.explain.folding import Folding
from dbops.output.explain.measure import Measure, level
from dbops.results.plan import Plan, PlanNode, Trigger

HEIGHT = 22
"""Pixels of a rectangle."""
_LEAST = 0.1
"""Narrower ones, in percent, could not be seen."""
_NAMED = 1.5


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle: ``x`` and ``width`` in percent of the picture, ``y`` in pixels; ``node`` is None for a trigger."""

    node: int | None
    x: float
    width: float
    y: int
    level: int
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Flame:
    """The picture; ``left_out`` counts the nodes that are too narrow to be seen."""

    frames: tuple[Frame, ...]
    height: int
    left_out: int


def flame(plan: Plan) -> Flame | None:
    """Return the flame graph, or None where there is nothing to draw: no time was taken."""
    measure, folding = Measure.of(plan), Folding(plan, ())
    triggers = [each for each in plan.triggers if each.ms] if measure.timed else []
    whole = folding.own(plan.root) + sum(each.ms or 0.0 for each in triggers)
    if measure.timed:
        whole = max(whole, plan.ms or 0.0)
    if not whole:
        return None
    nodes = [*_nodes(plan, measure, folding, whole)]
    frames = [each for each in nodes if each.width >= _LEAST]
    frames += _triggers(triggers, folding.own(plan.root), whole)
    height = max((each.y for each in frames), default=0) + HEIGHT
    return Flame(tuple(frames), height, sum(each.width < _LEAST for each in nodes))


def _nodes(plan: Plan, measure: Measure, folding: Folding, whole: float) -> Iterator[Frame]:
    waiting: list[tuple[PlanNode, float, int]] = [(plan.root, 0.0, 0)]
    while waiting:
        node, x, y = waiting.pop()
        width = folding.own(node) / whole * 100
        yield Frame(
            node=node.id,
            x=round(x, 3),
            width=round(width, 3),
            y=y,
            level=level(measure.share(node)),
            text=node.label if width >= _NAMED else "",
            title=_title(node, measure, folding.own(node)),
        )
        below = []
        for child in node.children:
            below.append((child, x, y + HEIGHT))
            x += folding.own(child) / whole * 100
        waiting += reversed(below)


def _title(node: PlanNode, measure: Measure, whole: float) -> str:
    """Return what is told of a rectangle that is pointed at."""
    subplan = f"{node.subplan}: " if node.subplan else ""
    if node.actual is not None and node.actual.never_ran:
        return f"#{node.id} {subplan}{node.label}\nnever executed"
    own = f"{measure.shown(measure.own(node))} ({figures.share(measure.share(node))})"
    rows = node.estimate.rows if node.actual is None else node.actual.rows
    return (
        f"#{node.id} {subplan}{node.label}\nown {measure.name} {own}, with all below {measure.shown(whole)}\n"
        f"{figures.count(rows)} rows{'' if node.actual else ' expected'}"
    )


def _triggers(triggers: list[Trigger], x: float, whole: float) -> Iterator[Frame]:
    for each in triggers:
        ms = each.ms or 0.0
        name = f"Trigger {each.constraint or each.name}"
        title = f"{name}\n{figures.time(ms)}, {figures.count(each.calls)} calls"
        share = ms / whole
        if share * 100 >= _LEAST:
            yield Frame(None, round(x / whole * 100, 3), round(share * 100, 3), 0, level(share), name, title)
        x += ms
