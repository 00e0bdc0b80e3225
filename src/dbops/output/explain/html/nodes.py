"""The plan's nodes as the page's template walks them: one step after the other, so that no depth is too deep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dbops.output.explain.columns import Column
from dbops.output.explain.folding import Folded, Folding
from dbops.output.explain.measure import Measure, level
from dbops.output.explain.remarks import SAID, Remark, remarks
from dbops.output.explain.tree import NEVER
from dbops.results.plan import Plan, PlanNode

_INDENTED = (10, 30)
"""So deep a node is indented fully, and then still a little."""
_ELSEWHERE = SAID | {"Node Type", "Parent Relationship", "Subplan Name", "Workers", "Relation Name", "Alias"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a node, by its column's title."""

    title: str
    text: str
    heated: bool


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node; ``share`` is in percent, ``findings`` are places in the ranked list, ``facts`` PostgreSQL's own words."""

    id: int
    label: str
    subplan: str
    level: int
    share: float
    cells: tuple[Cell, ...]
    never: str
    remarks: tuple[Remark, ...]
    findings: tuple[int, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A node begins (with children or without), a few folded ones begin, or (both None) what began last ends."""

    node: NodeView | None = None
    folded: str | None = None
    indent: str = ""
    leads_on: bool = False


def steps(plan: Plan, some: Sequence[Column], found: Mapping[int, Sequence[int]]) -> Iterator[Step]:
    """Yield the plan; ``found`` are the places of the findings in their list, by node id."""
    folding = Folding(plan, found)
    measure = Measure.of(plan)
    waiting: list[tuple[PlanNode | Folded | Step, int]] = [(plan.root, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, Step):
            yield each
        elif isinstance(each, Folded):
            what = NEVER if each.never_ran else measure.shown(each.own)
            yield Step(folded=f"{each.count:,} more nodes, {what}", indent=_indent(depth), leads_on=True)
            waiting.append((Step(leads_on=True), depth))
            waiting += [(node, depth + 1) for node in reversed(each.nodes)]
        else:
            shown, folded = folding.below(each)
            children: list[PlanNode | Folded] = [*shown, *([folded] if folded else [])]
            yield Step(_node(each, measure, some, found), indent=_indent(depth), leads_on=bool(children))
            waiting.append((Step(leads_on=bool(children)), depth))
            waiting += [(child, depth + 1) for child in reversed(children)]


def _node(node: PlanNode, measure: Measure, some: Sequence[Column], found: Mapping[int, Sequence[int]]) -> NodeView:
    never = node.actual is not None and node.actual.never_ran
    return NodeView(
        id=node.id,
        label=node.label,
        subplan=node.subplan or "",
        level=level(measure.share(node)),
        share=round(measure.share(node) * 100, 2),
        cells=tuple(Cell(each.title, each.texts[node.id], each.heated) for each in some if each.title),
        never=NEVER if never else "",
        remarks=tuple(remarks(node)),
        findings=tuple(found.get(node.id, ())),
        facts=tuple(_facts(node)),
    )


def _facts(node: PlanNode) -> Iterator[tuple[str, str]]:
    """Yield what PostgreSQL says of the node and the page does not, without what is nothing."""
    for name, value in node.raw.items():
        if name in _ELSEWHERE or value in (0, False, None, ""):
            continue
        if isinstance(value, bool):
            yield name, "yes"
        elif isinstance(value, str | int | float):
            yield name, f"{value:,}" if isinstance(value, int | float) else value
        elif isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            yield name, ", ".join(value)


def _indent(depth: int) -> str:
    full, little = _INDENTED
    return "far" if depth > little else "deep" if depth > full else ""
