"""The counters of pg_stat_statements as values, and what was added to them between two looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add, sub
from typing import Any, NamedTuple


class Key(NamedTuple):
    """A statement of a database; ``queryid`` is None for all of those that the role may not see."""

    database: int
    queryid: int | None
    toplevel: bool


class Counters(NamedTuple):
    """What a statement's calls cost together: times in ms, blocks, bytes of WAL."""

    calls: float
    total_ms: float
    rows: float
    hit: float
    read: float
    written: float
    temp: float
    wal: float
    io_ms: float

    def plus(self, other: Counters) -> Counters:
        """Return both together."""
        return Counters(*map(add, self, other))


NOTHING = Counters(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Sample:
    """The counters of all statements at a moment, in seconds of the server's clock."""

    at: float
    counters: Mapping[Key, Counters]

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Sample:
        """Return what :func:`dbops.postgres.statements.sample` said."""
        rows: Iterable[Sequence[Any]] = said["rows"]
        counters = {Key(*row[:3]): Counters(*(value or 0 for value in row[3:])) for row in rows}
        return cls(float(said["at"]), counters)


def added(before: Sample, after: Sample) -> dict[Key, Counters]:
    """Return what was added to the counters of each statement that was called between two looks.

    A counter that went down was begun anew in between (a reset, or the entry was thrown out for want of room and came
    back): what it holds now was added since, and what was lost is not known. So was that of a statement that was not
    there before.
    """
    found = {}
    for key, now in after.counters.items():
        then = before.counters.get(key, NOTHING)
        difference = now if _begun_anew(then, now) else Counters(*map(sub, now, then))
        if difference.calls > 0:
            found[key] = difference
    return found


def lost(before: Sample, after: Sample) -> int:
    """Return how many statements were counted before and are gone, or were begun anew: their figures are too low."""
    return sum(1 for key, then in before.counters.items() if _begun_anew(then, after.counters.get(key, NOTHING)))


def _begun_anew(then: Counters, now: Counters) -> bool:
    return now.calls < then.calls or now.total_ms < then.total_ms


def together(samples: Iterable[Mapping[Key, Counters]]) -> dict[Key, Counters]:
    """Return the sums of what was added in several parts of an interval."""
    sums: dict[Key, Counters] = {}
    for each in samples:
        for key, counters in each.items():
            sums[key] = sums.get(key, NOTHING).plus(counters)
    return sums
