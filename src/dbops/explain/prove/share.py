"""How much of each table is copied, so that all together stay below a bound. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

WHOLE = 100.0
# PostgreSQL takes any percentage above 0; a table has at least one page to choose from.
_LEAST = 0.0001

Table = TypeVar("Table")


def shares(sizes: Mapping[Table, int], bound: int) -> dict[Table, float]:
    """Return the percentage of each table, by its bytes, so that their sum fits in ``bound`` bytes.

    Small tables stay whole: from the least on, each that takes no more than an even part of what is left. The others
    are all cut to the same percentage, so that they keep their proportions, on which the planner's choice rests.
    """
    left = bound
    result: dict[Table, float] = {}
    ordered = sorted(sizes, key=lambda table: sizes[table])
    for place, table in enumerate(ordered):
        if sizes[table] * (len(ordered) - place) > left:
            rest = ordered[place:]
            percentage = max(WHOLE * left / sum(sizes[each] for each in rest), _LEAST)
            return result | dict.fromkeys(rest, percentage)
        result[table] = WHOLE
        left -= sizes[table]
    return result
