"""Which of several configurations of indexes is worth most: time weighed against bytes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Configuration = TypeVar("Configuration")

NOTICED_MS = 1.0
NOTICED_BYTES = 1 << 20
"""Less than these makes no difference to anybody; numbers of ours."""
NOISE = 1.05
"""How much slower is as fast, in a few runs of each."""
SLOWEST = 2.0
"""How many times as long the query may take with a smaller one."""


def preferred(
    faster: Sequence[Configuration], ms: Mapping[Configuration, float], size: Callable[[Configuration], int]
) -> list[Configuration]:
    """Return the configurations, the one to advise first, the others by time.

    The fastest gives way to a smaller one that takes at most twice as long, if it takes longer by no greater a factor
    than it is smaller by, and to one that is as fast but for noise. Of several such the smallest is taken, of those of
    one size the first that was given.
    """
    ranked = sorted(faster, key=lambda each: ms[each])
    if not ranked:
        return []
    fastest = ranked[0]
    worthy = [each for each in ranked if each == fastest or _earns(each, fastest, ms, size)]
    first = min(worthy, key=lambda each: (size(each), faster.index(each)))
    return [first, *(each for each in ranked if each != first)]


def _earns(
    smaller: Configuration,
    fastest: Configuration,
    ms: Mapping[Configuration, float],
    size: Callable[[Configuration], int],
) -> bool:
    slower = (ms[smaller] + NOTICED_MS) / (ms[fastest] + NOTICED_MS)
    shrunk = (size(fastest) + NOTICED_BYTES) / (size(smaller) + NOTICED_BYTES)
    return slower <= SLOWEST and slower <= max(shrunk, NOISE)
