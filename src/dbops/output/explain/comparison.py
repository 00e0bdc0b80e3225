"""Two plans side by side: whether it got faster, and what became of each node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from dbops.output import figures
from dbops.output.cells import shortened, width
from dbops.output.prose import filled
from dbops.output.style import Style
from dbops.results.explain import Comparison, NodeChange

_ALIKE = 1.05
"""Times that are this close say nothing."""
_BESIDE = 100
_MANY = 40
_LITTLE = 0.01
_RAIL = " │ "


class Pair(NamedTuple):
    """A node of each plan, or (``change`` is None) so many that are alike and take next to nothing."""

    change: NodeChange | None
    folded: int = 0


def headline(comparison: Comparison) -> str:
    """Return ``2.3× faster than before.json: 410 ms → 178 ms``."""
    if not (comparison.before or comparison.after):
        return f"neither times nor costs tell how it compares to {comparison.other}"
    timed = comparison.by == "execution_ms"
    shown = figures.time if timed else figures.count
    figure = f"{shown(comparison.before)} → {shown(comparison.after)}"
    factor = comparison.factor
    if factor is None or 1 / _ALIKE <= factor <= _ALIKE:
        return f"{'as fast as' if timed else 'costs the same as'} {comparison.other}: {figure}"
    better, worse = ("faster", "slower") if timed else ("cheaper by cost", "dearer by cost")
    if factor > 1:
        return f"{figures.factor(factor)} {better} than {comparison.other}: {figure}"
    return f"{figures.factor(1 / factor) if factor else 'much'} {worse} than {comparison.other}: {figure}"


def direction(comparison: Comparison) -> int:
    """Return 1 for faster (or cheaper), -1 for slower, 0 for as it was."""
    factor = comparison.factor
    if factor is None or 1 / _ALIKE <= factor <= _ALIKE:
        return 0
    return 1 if factor > 1 else -1


def pairs(comparison: Comparison) -> Iterator[Pair]:
    """Yield the nodes in order; of many, runs of those that are alike and take next to nothing as one."""
    least = _LITTLE * max(sum(each.own_ms_before or 0.0 for each in comparison.nodes), 0.0)
    few = len(comparison.nodes) <= _MANY
    for shown, run in groupby(comparison.nodes, key=lambda each: few or _matters(each, least)):
        nodes = [*run]
        if shown or len(nodes) == 1:
            yield from map(Pair, nodes)
        else:
            yield Pair(None, len(nodes))


def _matters(change: NodeChange, least: float) -> bool:
    return change.changed or any((own or 0.0) > least for own in (change.own_ms_before, change.own_ms_after))


def mark(change: NodeChange) -> str:
    """Return ``+`` for a node that came, ``-`` for one that went, ``~`` for another one, "" for the same."""
    if change.label_before is None:
        return "+"
    if change.label_after is None:
        return "-"
    return "~" if change.changed else ""


def figure(own_ms: float | None, rows: float | None) -> str:
    """Return a node's own time, or its rows where no time is known."""
    if own_ms is not None:
        return figures.time(own_ms)
    return "" if rows is None else f"{figures.count(rows)} rows"


def comparison(compared: Comparison, style: Style, room: int) -> Iterator[str]:
    """Yield the headline, the plans, and the settings that differ."""
    paint = {1: ("green", "bold"), -1: ("red", "bold"), 0: ("bold",)}[direction(compared)]
    yield from (style(line, *paint) for line in filled(headline(compared), room))
    yield from filled("The plans have the same shape." if compared.same_shape else "The plans differ.", room)
    some = [*pairs(compared)]
    yield ""
    if room >= _BESIDE:
        yield from _beside(compared, some, style, room)
    else:
        yield from _side(f"before: {compared.other}", some, style, room, before=True)
        yield ""
        yield from _side("after", some, style, room, before=False)
    for setting in compared.settings:
        yield from filled(f"setting: {setting}", room)


def _beside(compared: Comparison, some: Sequence[Pair], style: Style, room: int) -> Iterator[str]:
    half = (room - len(_RAIL)) // 2
    title = shortened(f"  before: {compared.other}", half)
    yield style(f"{title}{' ' * (half - width(title))}{_RAIL}  after", "dim")
    for pair in some:
        one, other = _cell(pair, half, before=True), _cell(pair, half, before=False)
        rail = style(_RAIL if other else _RAIL.rstrip(), "dim")
        line = f"{style(one, *_paint(pair, before=True))}{' ' * (half - width(one))}{rail}"
        yield line + style(other, *_paint(pair, before=False)) if other else line


def _side(title: str, some: Sequence[Pair], style: Style, room: int, *, before: bool) -> Iterator[str]:
    yield style(shortened(f"  {title}", room), "dim")
    for pair in some:
        cell = _cell(pair, room, before=before)
        if cell:
            yield style(cell, *_paint(pair, before=before))


def _paint(pair: Pair, *, before: bool) -> tuple[str, ...]:
    if pair.change is None:
        return ("dim",)
    return (("red",) if before else ("green",)) if mark(pair.change) else ()


def _cell(pair: Pair, room: int, *, before: bool) -> str:
    """Return a node of one side with its figure at the right; "" where that side has none."""
    change = pair.change
    if change is None:
        return shortened(f"  … {pair.folded:,} nodes that are alike", room)
    label = change.label_before if before else change.label_after
    if label is None:
        return ""
    own, rows = (change.own_ms_before, change.rows_before) if before else (change.own_ms_after, change.rows_after)
    depth = min(2 * (change.depth_before if before else change.depth_after), room // 3)
    right = figure(own, rows)
    left = shortened(f"{mark(change) or ' '} {' ' * depth}{label}", room - len(right) - 1)
    return f"{left}{' ' * (room - width(left) - len(right))}{right}".rstrip()
