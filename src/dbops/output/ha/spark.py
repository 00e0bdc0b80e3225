"""A standby's lag over the time it was watched, as a line of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.output.cells import shortened, width
from dbops.output.ha.sentences import span
from dbops.output.spark import spark
from dbops.output.style import Style
from dbops.results.figures import size
from dbops.results.ha import HaNode

_NAME = 24
_FIGURES = len("  min 1023 kB, max 1023 kB")
_LONGEST = 60


def sparks(nodes: Sequence[HaNode], style: Style, room: int) -> Iterator[str]:
    """Yield a line for each standby whose lag was watched; its own largest lag is the highest block."""
    watched = [node for node in nodes if node.history]
    names = min(max((width(node.name) for node in watched), default=0), _NAME, max(room - _FIGURES - 10, 1))
    for node in watched:
        name = shortened(node.name, names)
        values = [sample.lag_bytes for sample in node.history]
        line = spark(values, min(_LONGEST, max(room - names - 2 - _FIGURES, 1)))
        figures = f"  min {size(min(values))}, max {size(max(values))}"
        yield f"{name}{' ' * (names - width(name))}  {line}{style(figures, 'dim')}"


def title(nodes: Sequence[HaNode]) -> str:
    """Return what the lines show: the lag, over how long."""
    moments = [sample.at_s for node in nodes for sample in node.history]
    return f"LAG OVER {span(max(moments) - min(moments))}" if moments else "LAG"
