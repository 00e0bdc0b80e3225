"""Figures over time as a line of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

_BLOCKS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[float], room: int) -> str:
    """Return a block a value, or of every few the largest: a peak is never left out. Zero is the lowest block."""
    count = min(room, len(values))
    shown = [max(values[at * len(values) // count : (at + 1) * len(values) // count]) for at in range(count)]
    top = max(shown, default=0)
    return "".join(_BLOCKS[ceil(value / top * (len(_BLOCKS) - 1))] if top else _BLOCKS[0] for value in shown)
