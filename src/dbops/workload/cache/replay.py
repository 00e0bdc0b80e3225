"""A log's statements, replayed through caches: what each would have answered, and what of that would have been old."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dbops.sql.access import accesses
from dbops.sql.fingerprint import fingerprint
from dbops.sql.keyed import Keyed, key_of, keyed
from dbops.sql.shape import bare, shape
from dbops.workload.cache.keys import Keys, hashed
from dbops.workload.cache.ladder import LIFETIME
from dbops.workload.cache.writes import NEVER, Columns, Entity, Writes
from dbops.workload.logs.executions import Execution

_KEYS = 100_000
"""Keys that are kept of all statements together, about."""
_FEWEST = 500
"""Keys that are kept of each statement at least."""
_SHAPES, _LONGEST = 4_000, 2_000
"""So many shapes of text are remembered, but none of more characters: long ones are bulk inserts mostly."""
_EDGE = 1e-5
"""Seconds: who is asked in the very millisecond in which an answer's time is over has none, however floats round."""
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
_CUT = "...'"
"""What log_parameter_max_length leaves of a longer value ends so."""


class Tables(NamedTuple):
    """What a name in a statement means: the relation's oid, and all tables that it is or has below it.

    ``derives`` says that an UPDATE may change columns that it does not name.
    """

    oid: int | None
    below: frozenset[int]
    derives: bool = False


class Read(NamedTuple):
    """A statement whose answers are cached: the tables that it reads, and the rows that it looks up, if it does.

    ``columns`` are those that it mentions, None for all. Of a counter ``collected`` are the columns that name what is
    counted: it is its writes that are kept back.
    """

    tables: frozenset[int]
    entity: Entity | None = None
    columns: Columns = None
    collected: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a statement's calls.

    ``hits`` are hit rates by time to live, ``stale`` the shares of those hits that were older than a write.
    ``invalidated`` is the hit rate of answers that are dropped at each write of what they are from, ``written`` of
    those that writes by the key bring up to date. Of ``unknown`` calls the log has not the parameters, of ``cut`` ones
    not all of them. ``sampled`` says that not all keys were followed.
    """

    calls: int
    distinct: int
    hits: Mapping[float, float]
    stale: Mapping[float, float]
    invalidated: float
    written: float | None
    unknown: int
    cut: int
    sampled: bool


@dataclass(slots=True)
class _State:
    """A statement's caches, one for each time to live and two that go by writes, and what they missed."""

    keys: Keys
    missed: list[int]
    hit: list[int]
    old: list[int]
    calls: int = 0
    unknown: int = 0
    cut: int = 0


class _Written(NamedTuple):
    """The tables that a statement writes, and of the rows that are cached whether it can name them by their key."""

    below: frozenset[int]
    entities: Mapping[Entity, bool]
    changed: Columns


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a shape of text means: a statement that is cached, and what is written."""

    name: str | None
    read: Read | None
    written: tuple[_Written, ...]
    keyed: Keyed | None


@dataclass(slots=True)
class Replay:
    """Takes what a log's sessions executed, one after the other: of calls that overlap the later one hits.

    ``reads`` are the statements to follow, by their fingerprints, ``ladder`` the times to live, ``tables`` says what
    a name means. ``first`` and ``last`` are the log's times, None where it has none, ``quickest_ms`` what the quickest
    statement took.
    """

    reads: Mapping[str, Read]
    ladder: tuple[float, ...]
    tables: Callable[[str], Tables]
    first: float | None = None
    last: float | None = None
    statements: int = 0
    untimed: int = 0
    precise: bool = False
    quickest_ms: float | None = None
    _plans: dict[int, _Plan] = field(default_factory=dict)
    _states: dict[str, _State] = field(default_factory=dict)
    _writes: Writes = field(default_factory=Writes)

    @property
    def covered(self) -> float:
        """How many seconds the log is long."""
        return 0.0 if self.first is None or self.last is None else max(self.last - self.first, 0.0)

    def add(self, execution: Execution) -> None:
        """Take one more."""
        self.statements += 1
        if execution.at is None:
            self.untimed += 1
            return
        if self.first is None:
            self.first = execution.at
        self.last = max(self.last or execution.at, execution.at)
        self.precise = self.precise or not execution.at.is_integer()
        if execution.ms is not None:
            self.quickest_ms = min(self.quickest_ms or execution.ms, execution.ms)
        if execution.failed:
            return
        text, values = shape(execution.sql)
        plan = self._plans.get(hash(text)) or self._plan(text, execution.sql)
        if plan.read is None and not plan.written:
            return
        at, known = execution.at - self.first, _bound(values, execution.parameters)
        if plan.read is not None and plan.name is not None:
            state = self._state(plan.name)
            state.calls += 1
            state.cut += _CUT in (execution.parameters or "")
            self._ask(state, plan.read, plan.keyed, known, at)
        if plan.written:
            self._write(plan, known, at)

    def result(self, name: str) -> Replayed | None:
        """Return what became of a statement; None for one that the log has not."""
        state = self._states.get(name)
        if state is None:
            return None
        asked = state.calls - state.unknown
        rates = [max(1 - missed / asked, 0.0) if asked else 0.0 for missed in state.missed]
        old = [old / hit if hit else 0.0 for old, hit in zip(state.old, state.hit, strict=True)]
        rungs = [ttl for ttl in self.ladder if ttl <= self.covered]
        return Replayed(
            calls=state.calls,
            distinct=state.keys.distinct,
            hits=dict(zip(rungs, rates, strict=False)),
            stale=dict(zip(rungs, old, strict=False)),
            invalidated=rates[-2],
            written=rates[-1] if self.reads[name].entity is not None else None,
            unknown=state.unknown,
            cut=state.cut,
            sampled=state.keys.weight > 1,
        )

    def _plan(self, text: str, sql: str) -> _Plan:
        name = fingerprint(sql)
        read = self.reads.get(name) if name is not None else None
        written = frozenset[str]().union(*(each.writes for each in accesses(sql)))
        named = keyed(sql) if written or (read is not None and (read.entity or read.collected)) else None
        plan = _Plan(name, read, tuple(self._written_by(each, named) for each in sorted(written)), named)
        if len(text) <= _LONGEST:
            if len(self._plans) >= _SHAPES:
                self._plans.clear()
            self._plans[hash(text)] = plan
        return plan

    def _written_by(self, name: str, named: Keyed | None) -> _Written:
        found = self.tables(name)
        keyed_table = found.oid if named is not None and named.table == name else None
        entities = {read.entity for read in self.reads.values() if read.entity and read.tables & found.below}
        changed = named.changed if named is not None and named.kind == "update" and not found.derives else None
        return _Written(found.below, {each: each.table == keyed_table for each in entities}, changed)

    def _state(self, name: str) -> _State:
        state = self._states.get(name)
        if state is None:
            caches = len(self.ladder) + 2
            state = self._states[name] = _State(Keys(caches), [0] * caches, [0] * caches, [0] * caches)
        return state

    def _ask(self, state: _State, read: Read, named: Keyed | None, known: tuple[str, ...] | None, at: float) -> None:
        """Ask a statement's caches for what it is called with."""
        key = _key(read, named, known)
        if known is None or key is None:
            state.unknown += 1
            return
        times = state.keys.times(hashed(key), max(_KEYS // len(self._states), _FEWEST))
        if times is None:
            return
        row = None if read.entity is None else _row(named, read.entity.columns, known)
        unkeyed, by_key = self._written(read, row)
        written = max(unkeyed, by_key)
        lives = [*((ttl, NEVER, times[place]) for place, ttl in enumerate(self.ladder))]
        lives += [(LIFETIME, written, times[-2]), (LIFETIME, unkeyed, max(times[-1], by_key))]
        for place, (life, valid_from, since) in enumerate(lives):
            if at - since < life - _EDGE and since >= valid_from:
                state.hit[place] += state.keys.weight
                state.old[place] += state.keys.weight if written > since else 0
            else:
                state.missed[place] += state.keys.weight
                times[place] = max(at, written)

    def _written(self, read: Read, row: str | None) -> tuple[float, float]:
        """Return when what a call reads was written last otherwise than by its key, and by it."""
        if read.collected is not None:
            return NEVER, NEVER
        if read.entity is None or row is None:
            return self._writes.of_tables(read.tables, read.columns), NEVER
        unkeyed = self._writes.unkeyed(read.entity, read.tables, read.columns)
        return unkeyed, self._writes.of_row(read.entity, row, read.columns)

    def _write(self, plan: _Plan, known: tuple[str, ...] | None, at: float) -> None:
        for below, entities, changed in plan.written:
            if plan.keyed is None or known is None:
                self._writes.tables(below, changed, at)
            else:
                named = plan.keyed
                keys = {each: _rows(named, each, known) if is_named else None for each, is_named in entities.items()}
                self._writes.rows(below, keys, changed, at)


def _key(read: Read, named: Keyed | None, known: tuple[str, ...] | None) -> str | None:
    """Return what a call is asked with, or counts; None where that is not known."""
    if known is None:
        return None
    return "\0".join(known) if read.collected is None else _row(named, read.collected, known)


def _bound(values: tuple[str, ...], parameters: str | None) -> tuple[str, ...] | None:
    """Return a statement's values with those that are bound in place of parameters; None where these are not known."""
    if not any(value[0] == "$" and value[1:].isdecimal() for value in values):
        return tuple(map(bare, values))
    bound = {f"${number}": value for number, value in _PARAMETER.findall(parameters or "")}
    found = [bound.get(value) if value[0] == "$" and value[1:].isdecimal() else value for value in values]
    return None if None in found else tuple(bare(value) for value in found if value is not None)


def _row(named: Keyed | None, columns: tuple[str, ...], known: tuple[str, ...]) -> str | None:
    """Return the values of these columns, None where the statement does not name them."""
    numbers = None if named is None else key_of(named, columns, named.rows[0])
    return None if numbers is None else "\0".join(known[number] for number in numbers)


def _rows(named: Keyed, entity: Entity, known: tuple[str, ...]) -> list[str] | None:
    """Return the keys of the rows that are written; None where it may be any.

    A row that is inserted with the default for its key is one that nobody has asked for.
    """
    found: list[str] = []
    for row in named.rows:
        if named.kind == "insert" and any(column not in row for column in entity.columns):
            continue
        numbers = key_of(named, entity.columns, row)
        if numbers is None:
            return None
        found.append("\0".join(known[number] for number in numbers))
    return found
