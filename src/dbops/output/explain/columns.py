"""The figures of a plan's nodes in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dbops.output import figures
from dbops.output.explain.measure import Measure
from dbops.results.plan import Buffers, Plan, PlanNode

GAP = 2
"""Cells before a column."""
_BAR = 5
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Column:
    """Texts by node id. Of columns that don't fit, the one with the lowest ``rank`` goes first.

    ``heated`` ones are painted by the node's share.
    """

    title: str
    rank: int
    texts: Mapping[int, str]
    heated: bool = False

    @cached_property
    def size(self) -> int:
        """Cells of the widest text."""
        return max(map(len, (self.title, *self.texts.values())))

    def cell(self, number: int) -> str:
        """Return a node's text in the column's width, and the gap before it."""
        text = self.texts[number]
        return " " * GAP + (text.rjust(self.size) if self.title else text.ljust(self.size))


def columns(plan: Plan) -> list[Column]:
    """Return the columns that say something in this plan, as they stand beside each other."""
    measure = Measure.of(plan)

    def column(title: str, rank: int, text: Callable[[PlanNode], str], *, heated: bool = False) -> Column:
        ran = {node.id: text(node) if node.ran or not plan.analyzed else "" for node in plan.nodes()}
        return Column(title, rank, ran, heated)

    estimated = plan.root.estimate.known
    every = [
        column(measure.name, 9, lambda node: measure.shown(measure.own(node)) if measure.known else "", heated=True),
        column("share", 8, lambda node: figures.share(measure.share(node)) if measure.known else "", heated=True),
        column("", 1, lambda node: _bar(measure.share(node)), heated=True),
        column("rows", 7, lambda node: figures.count(node.actual.rows) if node.actual else ""),
        column("expected", 3, lambda node: figures.count(_expected(node)) if estimated else ""),
        column("off", 6, lambda node: figures.misjudged(node.factor)),
        column("loops", 2, _loops),
        column("blocks", 4, lambda node: _blocks(node, lambda own: own.touched)),
        column("read", 0, lambda node: _blocks(node, lambda own: own.read)),
        column("spilled", 5, _spilled),
    ]
    return [each for each in every if any(each.texts.values())]


def fitting(every: Sequence[Column], room: int) -> list[Column]:
    """Return the columns without those that don't fit into ``room`` cells; the two that matter most stay."""
    left = list(every)
    while len(left) > 2 and taken(left) > room:
        left.remove(min(left, key=lambda each: each.rank))
    return left


def taken(some: Sequence[Column]) -> int:
    """Return how many cells the columns take."""
    return sum(each.size + GAP for each in some)


def titles(some: Sequence[Column]) -> str:
    """Return the line above the columns."""
    return "".join(" " * GAP + each.title.rjust(each.size) for each in some).rstrip()


def cells(some: Sequence[Column], number: int) -> Iterator[tuple[str, bool]]:
    """Yield a node's texts, each with whether it is heated."""
    return ((each.cell(number), each.heated) for each in some)


def _bar(share: float) -> str:
    """Return a bar: full cells, then one in eighths."""
    eighths = round(share * _BAR * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _expected(node: PlanNode) -> float:
    return node.estimate.rows if node.expected_rows is None else node.expected_rows


def _loops(node: PlanNode) -> str:
    return figures.count(node.actual.loops) if node.actual and node.actual.loops > 1 else ""


def _blocks(node: PlanNode, figure: Callable[[Buffers], int]) -> str:
    blocks = figure(node.own_buffers) if node.own_buffers else 0
    return figures.count(blocks) if blocks else ""


def _spilled(node: PlanNode) -> str:
    blocks = node.own_buffers.temp_written if node.own_buffers else 0
    return figures.size(blocks * figures.BLOCK) if blocks else ""
