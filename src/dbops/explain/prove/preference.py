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
KEPT = 0.9
"""The share of the time that the fastest saves which a smaller one must save, too."""
SLOWEST = 2.0
"""How many times as long the query may take with a smaller one."""


def preferred(
    faster: Sequence[Configuration],
    ms: Mapping[Configuration, float],
    size: Callable[[Configuration], int],
    *,
    baseline: float,
) -> list[Configuration]:
    """Return the configurations, the one to advise first, the others by time.

    ``baseline`` is the time with none of them. The fastest gives way to a smaller one that saves nearly as much of it
    and takes at most twice as long, if it takes longer by no greater a factor than it is smaller by; and to one that is
    as fast but for noise. Of several such the smallest is taken, of those of one size the first that was given.
    """
    ranked = sorted(faster, key=lambda each: ms[each])
    if not ranked:
        return []
    fastest = ranked[0]
    enough = KEPT * (baseline - ms[fastest])
    close = [each for each in ranked if baseline - ms[each] >= enough]
    worthy = [each for each in close if each == fastest or _earns(each, fastest, ms, size)]
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
