"""A plan as a tree: a line a node with its figures in columns, and what the node says below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dbops.output.cells import shortened, width
from dbops.output.explain.columns import Column, cells, columns, fitting, taken, titles
from dbops.output.explain.folding import Folded, Folding
from dbops.output.explain.measure import Measure, level
from dbops.output.explain.remarks import remarks
from dbops.output.style import Style
from dbops.results.plan import Plan, PlanNode

NEVER = "never executed"
_HEAT: tuple[tuple[str, ...], ...] = ((), ("yellow",), ("red",), ("red", "bold"))
_LABEL = 28
"""So many cells a node's name needs; columns give way to it."""


class _Row(NamedTuple):
    """A node, or several that are folded.

    ``lead`` is the rails before it and ``below`` those of what it says; ``note`` stands in place of figures.
    """

    lead: str
    below: str
    text: str
    node: PlanNode | None = None
    note: str = ""


def tree(plan: Plan, marks: Mapping[int, str], style: Style, room: int, *, full: bool = False) -> Iterator[str]:
    """Yield the lines, of at most ``room`` cells; ``marks`` are those of the nodes with a finding, by id.

    Unless ``full``, what takes next to nothing in a big plan is folded.
    """
    rows = [*_rows(plan, Folding(plan, marks, full=full), marks, room // 3)]
    wanted = max(width(row.lead + row.text) for row in rows if row.node)
    some = fitting(columns(plan), room - min(wanted, max(_LABEL, room * 9 // 16)))
    name = min(wanted, room - taken(some))
    if some:
        yield style(" " * name + titles(some), "dim")
    heat = Measure.of(plan)
    for row in rows:
        if row.node is None:
            yield style(shortened(row.lead + row.text, room), "dim")
            continue
        yield from _lines(row, row.node, name, some, _HEAT[level(heat.share(row.node))], style, room)


def _lines(
    row: _Row, node: PlanNode, name: int, some: Sequence[Column], paint: Sequence[str], style: Style, room: int
) -> Iterator[str]:
    text = shortened(row.text, name - len(row.lead))
    pad = " " * (name - len(row.lead) - width(text))
    if row.note:
        yield style(shortened(f"{row.lead}{text}{pad}  {row.note}", room), "dim")
        return
    shown = "".join(style(text, *(paint if heated else ())) for text, heated in cells(some, node.id))
    bold = ["bold"] if paint and "bold" not in paint else []
    yield f"{style(row.lead, 'dim')}{style(text, *paint, *bold)}{pad}{shown}".rstrip()
    for remark in remarks(node):
        yield style(shortened(f"{row.below}{remark}", room), "dim")


def _rows(plan: Plan, folding: Folding, marks: Mapping[int, str], most: int) -> Iterator[_Row]:
    """Yield the rows; rails take at most ``most`` cells."""
    measure = Measure.of(plan)
    unit = 3 if _depth(plan) * 3 <= most else 2
    waiting: list[tuple[PlanNode | Folded, str, str]] = [(plan.root, "", "")]
    while waiting:
        each, lead, branch = waiting.pop()
        rails = _cropped(lead + branch, most)
        if isinstance(each, Folded):
            note = NEVER if each.never_ran else measure.shown(each.own)
            yield _Row(rails, "", f"… {each.count:,} more nodes, {note}")
            continue
        shown, folded = folding.below(each)
        children: list[PlanNode | Folded] = [*shown, *([folded] if folded else [])]
        ahead = lead + {"": "", "├": "│"}.get(branch[:1], " ").ljust(unit if branch else 0)
        below = _cropped(ahead + ("│" if children else " ").ljust(unit), most)
        note = NEVER if each.actual is not None and each.actual.never_ran else ""
        yield _Row(rails, below, _name(each, marks), each, note)
        for child in reversed(children):
            waiting.append((child, ahead, ("└" if child is children[-1] else "├").ljust(unit - 1, "─") + " "))


def _name(node: PlanNode, marks: Mapping[int, str]) -> str:
    subplan = f"{node.subplan}: " if node.subplan else ""
    mark = f"{marks[node.id]} " if node.id in marks else ""
    return f"{mark}#{node.id} {subplan}{node.label}"


def _depth(plan: Plan) -> int:
    depths = {plan.root.id: 0}
    for node in plan.nodes():
        depths.update((child.id, depths[node.id] + 1) for child in node.children)
    return max(depths.values())


def _cropped(rails: str, most: int) -> str:
    """Return of the rails of a very deep node only the end."""
    return rails if len(rails) <= most else "…" + rails[len(rails) - most + 1 :]
