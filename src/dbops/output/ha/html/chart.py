"""The chart of lag over time: a line a standby, drawn in thousandths of the picture, with axes that have units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dbops.output.ha.sentences import span
from dbops.results.figures import size
from dbops.results.ha import HaNode, LagSample

WHOLE = 1000
"""What the picture is wide and high in its own units."""
_LINES = 6
"""So many strokes can be told apart."""
_GAP = 3.5
"""A line is broken where so many times the usual time passed without a sample."""
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)
_TICKS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A standby's lag: ``parts`` are the points of unbroken lines, ``least``, ``most`` and ``last`` bytes in words."""

    name: str
    parts: tuple[str, ...]
    least: str
    most: str
    last: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis in percent (from the left, from the top), and what stands there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines by their largest lag; ``left_out`` is how many others there are, ``left_most`` what they stay below."""

    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    left_out: int
    left_most: str


def chart(nodes: Sequence[HaNode]) -> Chart | None:
    """Return the chart, None where no lag was watched for a while."""
    watched = [node for node in nodes if node.history]
    moments = [sample.at_s for node in watched for sample in node.history]
    if not moments or max(moments) <= min(moments):
        return None
    watched.sort(key=lambda node: -_most(node))
    begin, length = min(moments), max(moments) - min(moments)
    step = _step(max(map(_most, watched)))
    top = step * max(1, -(-_most(watched[0]) // step))
    left = watched[_LINES:]
    return Chart(
        lines=tuple(_line(node, begin, length, top) for node in watched[:_LINES]),
        across=tuple(_across(length)),
        up=tuple(Tick(100 - each / top * 100, _short(each)) for each in range(0, top + 1, step)),
        left_out=len(left),
        left_most=_short(max(map(_most, left), default=0)),
    )


def _line(node: HaNode, begin: float, length: float, top: int) -> Line:
    values = [sample.lag_bytes for sample in node.history]
    parts = []
    for part in _unbroken(node.history):
        points = [f"{_x(each, begin, length):.1f},{WHOLE - each.lag_bytes / top * WHOLE:.1f}" for each in part]
        parts.append(" ".join(points if len(points) > 1 else points * 2))
    return Line(node.name, tuple(parts), _short(min(values)), _short(max(values)), _short(values[-1]))


def _x(sample: LagSample, begin: float, length: float) -> float:
    return (sample.at_s - begin) / length * WHOLE


def _unbroken(history: Sequence[LagSample]) -> Iterator[list[LagSample]]:
    """Yield the samples between which none is missing: where nothing was seen, nothing is drawn."""
    gaps = [after.at_s - before.at_s for before, after in pairwise(history)]
    usual = median(gaps) if gaps else 0.0
    part = [history[0]]
    for gap, sample in zip(gaps, history[1:], strict=True):
        if gap > usual * _GAP:
            yield part
            part = []
        part.append(sample)
    yield part


def _most(node: HaNode) -> int:
    return max(sample.lag_bytes for sample in node.history)


def _step(most: int) -> int:
    """Return a power of two of which three or four reach the most; a kB where nothing lagged."""
    step = 1 if most else 1024
    while step * 4 < most:
        step *= 2
    return step


def _across(length: float) -> Iterator[Tick]:
    step = next((each for each in _STEPS_S if length / each <= _TICKS), _STEPS_S[-1] * -(-length // _STEPS_S[-1]))
    for number in range(int(length / step + 1e-9) + 1):
        yield Tick(number * step / length * 100, span(number * step))


def _short(count: int) -> str:
    """Return a size without a zero behind its point."""
    return "0" if count == 0 else size(count).replace(".0 ", " ")
