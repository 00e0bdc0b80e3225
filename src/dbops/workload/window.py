"""An interval that is watched in parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from dbops.workload.counters import NOTHING, Counters, Key, Sample, added, lost, together


@dataclass(frozen=True, slots=True)
class Part:
    """What was added from one moment to another, in seconds of the server's clock."""

    begin: float
    end: float
    added: Mapping[Key, Counters]
    lost: int


class Window:
    """The parts of an interval; only what was called in each is kept."""

    def __init__(self) -> None:
        self._parts: deque[Part] = deque()
        self._last: Sample | None = None

    def add(self, sample: Sample) -> None:
        """Add what happened since the last sample."""
        if self._last is not None:
            self._parts.append(Part(self._last.at, sample.at, added(self._last, sample), lost(self._last, sample)))
        self._last = sample

    def forget(self, seconds: float) -> None:
        """Leave out the parts that began more than so many seconds before the last sample, but never all."""
        while len(self._parts) > 1 and self._parts[-1].end - self._parts[0].begin > seconds * 1.01:
            self._parts.popleft()

    @property
    def seconds(self) -> float:
        """How long the interval is."""
        return max(self._parts[-1].end - self._parts[0].begin, 0.0) if self._parts else 0.0

    @property
    def lost(self) -> int:
        """How many statements' counters went down or away in it."""
        return sum(part.lost for part in self._parts)

    def sums(self) -> dict[Key, Counters]:
        """Return what was added in all of it."""
        return together(part.added for part in self._parts)

    def history(self, key: Key) -> tuple[float, ...]:
        """Return the ms of execution per second in each part; nothing where there is one part alone."""
        if len(self._parts) < 2:
            return ()
        return tuple(
            round(part.added.get(key, NOTHING).total_ms / max(part.end - part.begin, 0.001), 3) for part in self._parts
        )
