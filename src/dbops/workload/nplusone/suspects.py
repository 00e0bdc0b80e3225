"""Which statements look like a loop by counters alone: a lookup by key, called once for each row of another query."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import add, sub
from typing import NamedTuple

from dbops.sql.lookup import lookup
from dbops.sql.normalized import readable
from dbops.sql.purpose import purpose
from dbops.sql.selection import Column, Selection, selection
from dbops.workload.nplusone.judge import FEWEST
from dbops.workload.nplusone.keys import Keys, Link

LEAST, MOST = 0.5, 1.1
"""Calls by rows of the source: one each. Fewer where rows share a key that the program remembers, or the source is
asked without the loop too; hardly more, since a row is asked for after it came. Both are ours: counters have no
published threshold, and many calls beside many rows would suspect half of the statements of a busy server."""
ROWS = 10.0
"""Rows a call of the lookup at most: one, or the few that belong to a row."""
_ALIKE, _EQUAL = 0.9, 0.98
"""Two statements whose calls differ by less are called in turn, one of them each time: where one gives the other's key,
and where nothing but the figures says so."""


class Caller(NamedTuple):
    """A statement of a role's, by its oid and the statement's id."""

    role: int
    queryid: int


class Calls(NamedTuple):
    """How often it was called, the rows that all calls gave, and their ms."""

    calls: float
    rows: float
    ms: float

    def plus(self, other: Calls) -> Calls:
        """Return both together."""
        return Calls(*map(add, self, other))


Sample = Mapping[Caller, Calls]
_NOTHING = Calls(0, 0, 0)


class Suspect(NamedTuple):
    """A lookup and its source, which of its equalities has the key, and why."""

    caller: Caller
    source: Caller
    place: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class _Looked:
    """A lookup with one of its equalities as the key."""

    place: int
    column: str
    key: Column
    own: Selection


def added(samples: Sequence[Sample]) -> list[dict[Caller, Calls]]:
    """Return what was added between each two looks that follow each other.

    A counter that went down was begun anew: what it has now was added since.
    """
    parts = []
    for before, after in pairwise(samples):
        part = {}
        for caller, now in after.items():
            then = before.get(caller, _NOTHING)
            part[caller] = now if now.calls < then.calls else Calls(*map(sub, now, then))
        parts.append({caller: each for caller, each in part.items() if each.calls > 0})
    return parts


def together(parts: Sequence[Sample]) -> dict[Caller, Calls]:
    """Return the sums of all parts."""
    sums: dict[Caller, Calls] = {}
    for part in parts:
        for caller, each in part.items():
            sums[caller] = sums.get(caller, _NOTHING).plus(each)
    return sums


def candidates(sums: Sample, fewest: int = FEWEST) -> set[Caller]:
    """Return those whose texts are needed: what is called often and gives little, and what gives as many rows."""
    asked = {key for key, each in sums.items() if each.calls >= fewest and each.rows <= ROWS * each.calls}
    return asked | {key for key, each in sums.items() if each.rows >= fewest}


class Suspects:
    """Judges the calls of an interval, in parts; ``texts`` are those of :func:`candidates`, as far as known."""

    def __init__(self, parts: Sequence[Sample], texts: Mapping[int, str], fewest: int = FEWEST) -> None:
        self._parts = parts
        self._sums = together(parts)
        self._fewest = fewest
        self._queries = {queryid: readable(text) for queryid, text in texts.items()}
        self._by_rows = sorted(self._sums, key=lambda caller: self._sums[caller].rows)
        self._keys = Keys()

    def relations(self) -> frozenset[str]:
        """Return the names of the relations that the statements have."""
        known = [found for text in self._queries.values() if (found := selection(text)) is not None]
        return frozenset(str(relation) for each in known for relation in each.relations.values())

    def found(self, keys: Keys) -> list[Suspect]:
        """Return the suspects, the most calls first; ``keys`` are those of :meth:`relations`."""
        self._keys = keys
        looked = {caller: keyed for caller in self._sums if (keyed := self._looked(caller))}
        fitting = {caller: self._source(caller, looked[caller]) for caller in looked}
        suspects = {caller: each for caller, each in fitting.items() if each is not None}
        others = looked.keys() - suspects.keys() - self._within(looked, suspects).keys()
        right = {caller for caller in suspects if self._goes_along(caller, looked[caller], suspects, others)}
        suspects = {caller: each for caller, each in suspects.items() if caller not in right}
        unclear = {caller: keyed for caller, keyed in looked.items() if caller not in right}
        suspects |= self._within(unclear, suspects)
        return sorted(suspects.values(), key=lambda each: (-self._sums[each.caller].calls, each.caller))

    def _looked(self, caller: Caller) -> list[_Looked]:
        """Return what may be the key of a lookup; nothing for what is none, a page, a queue, or gives many rows."""
        text, sums = self._queries.get(caller.queryid), self._sums[caller]
        found = None if text is None else lookup(text)
        if found is None or text is None or sums.calls < self._fewest or sums.rows > ROWS * sums.calls:
            return []
        if found.locks or found.paged or found.bounded or purpose(text).refused is not None:
            return []
        own = selection(text) or _EMPTY
        columns = [
            _Looked(place, equality.column, own.column(equality.parts), own)
            for place, equality in enumerate(found.equalities)
            if equality.parameter is not None and not equality.array and not equality.nested
        ]
        # Where OFFSET is a parameter, a page is told from a lookup by the key alone: of one row there are no pages.
        return [each for each in columns if found.offset is None or self._keys.is_unique(each.key)]

    def _source(self, caller: Caller, looked: list[_Looked]) -> Suspect | None:
        """Return the lookup with the source that says most, of those the one whose rows are nearest to its calls."""
        calls = self._sums[caller].calls
        fitting = [
            (
                link.rank,
                abs(1 - calls / self._sums[source].rows),
                Suspect(caller, source, at.place, at.column, link.why),
            )
            for source in self._with_rows(calls / MOST, calls / LEAST)
            if self._could_be(caller, source)
            for at, link in self._links(looked, source)
        ]
        return min(fitting)[-1] if fitting else None

    def _with_rows(self, least: float, most: float) -> list[Caller]:
        def rows(caller: Caller) -> float:
            return self._sums[caller].rows

        return self._by_rows[bisect_left(self._by_rows, least, key=rows) : bisect_right(self._by_rows, most, key=rows)]

    def _could_be(self, caller: Caller, source: Caller) -> bool:
        """Whether by its calls the one asks for each row of the other, and at no time before the rows came."""
        other = self._sums[source]
        if caller == source or caller.role != source.role or not other.calls:
            return False
        if self._sums[caller].calls < self._fewest * other.calls:
            return False
        unasked = other.rows / other.calls  # what a call just before the interval may have given
        for part in self._parts:
            unasked += MOST * part.get(source, _NOTHING).rows - part.get(caller, _NOTHING).calls
            if unasked < 0:
                return False
        return True

    def _links(self, looked: list[_Looked], other: Caller) -> Iterator[tuple[_Looked, Link]]:
        """Yield the keys that another statement gives, and why."""
        given = selection(self._queries.get(other.queryid, ""))
        for at in looked if given is not None else ():
            link = None if given is None else self._keys.linked(given, at.key, at.own)
            if link is not None:
                yield at, link

    def _goes_along(
        self, caller: Caller, looked: list[_Looked], suspects: Mapping[Caller, Suspect], lookups: Collection[Caller]
    ) -> bool:
        """Whether it is called once a request: as often as what gives its key, or as another lookup that is in no loop.

        Such are the session and the user that each request begins with.
        """
        calls = self._sums[caller].calls
        if any(other.role == caller.role and _alike(calls, self._sums[other].calls, _EQUAL) for other in lookups):
            return True
        return any(
            other != caller and other not in suspects and other.role == caller.role and _alike(calls, each.calls)
            for other, each in self._sums.items()
            if next(self._links(looked, other), None) is not None
        )

    def _within(
        self, looked: Mapping[Caller, list[_Looked]], suspects: Mapping[Caller, Suspect]
    ) -> dict[Caller, Suspect]:
        """Return the lookups that are a part of another one's loop, which gives their key and is called as often."""
        found: dict[Caller, Suspect] = {}
        for other, suspect in suspects.items():
            for caller, keyed in looked.items():
                alike = other.role == caller.role and _alike(self._sums[caller].calls, self._sums[other].calls)
                if not alike or caller in suspects or caller in found:
                    continue
                for at, link in self._links(keyed, other):
                    found[caller] = Suspect(caller, suspect.source, at.place, at.column, link.why)
                    break
        return found


_EMPTY = Selection({}, frozenset(), frozenset())


def _alike(one: float, other: float, least: float = _ALIKE) -> bool:
    return min(one, other) >= least * max(one, other)
