"""Many ages in little room: how many there are of about each, in steps of a tenth."""

from __future__ import annotations

from math import floor, log10

_STEPS = 24
"""To a decade: what is told is off by five percent at most."""
_LEAST_S = 0.0001


def bucket(seconds: float) -> int:
    """Return the step that an age falls into."""
    return floor(log10(max(seconds, _LEAST_S)) * _STEPS)


class Ages:
    """A distribution of ages."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def add(self, step: int, count: int) -> None:
        """Take so many ages of a step."""
        self._counts[step] = self._counts.get(step, 0) + count

    def quantile(self, part: float) -> float | None:
        """Return the age in seconds that a part (0 to 1) of all are younger than, None where there are none."""
        left = part * sum(self._counts.values())
        for step in sorted(self._counts):
            left -= self._counts[step]
            if left <= 0:
                return float(10 ** ((step + 0.5) / _STEPS))
        return None
