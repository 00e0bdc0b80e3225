"""The same loop of many pieces of work as one finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dbops.results.nplusone import Loop, LoopKind
from dbops.sql.lookup import batched
from dbops.sql.redact import secrets
from dbops.workload.nplusone.frameworks import hint
from dbops.workload.nplusone.judge import Found, loops
from dbops.workload.nplusone.shape import Shape
from dbops.workload.nplusone.units import Run, Unit


@dataclass(slots=True)
class _Seen:
    found: Found
    unit: Unit
    worst: Run
    source: str
    calls: int = 0
    occurrences: int = 0
    ms: float = 0.0
    timed: bool = True
    confirmed: Found | None = None


class Summary:
    """Takes the loops of pieces of work, gives them together."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}
        self._new: list[_Seen] = []

    def take(self, units: Iterable[Unit], fewest: int) -> None:
        """Take the loops of at least so many calls of each piece of work."""
        for unit in units:
            for found in loops(unit, fewest):
                self._add(unit, found)

    def _add(self, unit: Unit, found: Found) -> None:
        run, source = found.run, unit.known[found.source][0]
        seen = self._seen.get((run.name, found.source))
        if seen is None:
            seen = self._seen[run.name, found.source] = _Seen(found, unit, run, source)
            self._new.append(seen)
        seen.calls += run.calls
        seen.occurrences += 1
        seen.ms += run.ms
        seen.timed = seen.timed and run.timed
        if found.kind is LoopKind.CONFIRMED:
            seen.confirmed = seen.confirmed or found
        if run.calls > seen.worst.calls:
            seen.found, seen.unit, seen.worst = found, unit, run

    def loops(self) -> tuple[Loop, ...]:
        """Return all, the most calls first."""
        return tuple(map(_loop, self._sorted()))

    def new(self) -> tuple[Loop, ...]:
        """Return those that were not there when this was called last, in the order in which they came."""
        found = tuple(map(_loop, self._new))
        self._new.clear()
        return found

    def texts(self) -> tuple[str, ...]:
        """Return of each of the loops one text as it was executed."""
        return tuple(seen.worst.samples[0].sql for seen in self._sorted())

    def _sorted(self) -> list[_Seen]:
        return sorted(self._seen.values(), key=lambda seen: (-seen.calls, seen.worst.name))


def _loop(seen: _Seen) -> Loop:
    sure = seen.confirmed or seen.found
    query = seen.worst.samples[0].sql
    remedy = batched(query, seen.found.place)
    return Loop(
        kind=sure.kind,
        query=_normal(query),
        source_query=_normal(seen.source),
        calls=seen.calls,
        occurrences=seen.occurrences,
        most_calls=seen.worst.calls,
        distinct_parameters=len(seen.worst.keys),
        total_ms=round(seen.ms, 3) if seen.timed else None,
        session=seen.unit.session,
        database=seen.unit.database,
        application=seen.unit.application,
        request=seen.unit.request,
        column=seen.found.column,
        remedy=remedy,
        why=sure.why,
        hint=hint(Shape(query, seen.source, seen.found.place, seen.unit.writer)),
    )


def _normal(sql: str) -> str:
    from dbops.sql.fingerprint import normalized

    return secrets(normalized(sql))
