"""What a session did, cut into pieces of work: a request, a job, a transaction."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dbops.sql.fingerprint import fingerprint
from dbops.workload.logs.executions import Execution
from dbops.workload.nplusone.tags import request, tags, trace, untagged, writer

PAUSE_S = 1.0
"""Who is silent for so long between two statements, outside of a transaction, does something else afterwards."""
_SILENT_S = 5.0
"""A trace of which nothing came for so long is over: its end is logged nowhere."""
_OPEN = 10_000
_LONG, _LONGEST = 2_000, 20_000
"""Statements of a piece of work that are kept: a longer one is cut, where no loop of one or two statements is."""
_SAMPLES = 5
_CYCLE = 6
"""A loop asks at most so many different statements each time: from one call to the next there are no more."""
# Atomic: what was taken for a comment is one, so that a text of nothing but comments is looked at once.
_FIRST_WORD = re.compile(r"(?>(?:\s++|--[^\n]*+|/\*(?>.*?\*/)|\()*+)(\w+)", re.DOTALL)
_WRITES = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)
_RETURNING = re.compile(r"\breturning\b", re.IGNORECASE)
_BEGIN = frozenset({"begin", "start"})
_END = frozenset({"commit", "end", "rollback", "abort"})
_HANDED_ON = frozenset({"discard", "reset"})
"""What a pool sends before it gives a connection to somebody else."""
_BOUNDS = _BEGIN | _END | _HANDED_ON
_LITTLE = frozenset({"savepoint", "release", "set", "show", "deallocate", "listen", "unlisten", "fetch", "close"})


class Sample(NamedTuple):
    """One of the executions of a statement."""

    sql: str
    parameters: str | None


@dataclass(slots=True)
class Run:
    """Executions of one statement that follow each other, with few others between.

    ``first`` and ``last`` count the statements of the piece of work, ``transactions`` are the numbers of those that
    they were in, in order and None for none, with how many were. ``keys`` are hashes of values.
    """

    name: str
    reads: bool
    first: int
    last: int = 0
    calls: int = 0
    ms: float = 0.0
    timed: bool = True
    keys: set[int] = field(default_factory=set)
    transactions: Counter[int | None] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class Unit:
    """A piece of work: its statements' fingerprints in order, and the runs of each.

    ``pauses`` are the seconds in which the session was silent before each step, None where the log does not tell;
    ``precise`` says that its times have fractions of seconds.
    ``trace`` is the id of the trace that it is, ``writer`` the framework that tags tell, ``transaction`` says that it
    began with one, and ends with it. Of a statement's runs ``latest`` has the last, ``runs`` all that are longer than
    one call and were over before; ``known`` has one text of each statement and whether it gives rows.
    """

    session: str
    database: str | None
    application: str | None
    trace: str | None
    request: str | None
    transaction: bool
    steps: list[str] = field(default_factory=list)
    pauses: list[float | None] = field(default_factory=list)
    latest: dict[str, Run] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    known: dict[str, tuple[str, bool]] = field(default_factory=dict)
    writer: str = ""
    ended: float | None = None
    precise: bool = False

    def long_runs(self, fewest: int) -> list[Run]:
        """Return the runs of at least so many calls, in the order of their first calls."""
        runs = [run for run in (*self.runs, *self.latest.values()) if run.calls >= fewest]
        return sorted(runs, key=lambda run: run.first)


class Units:
    """Takes executions as they come, gives pieces of work as they end."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Unit] = OrderedDict()
        self._traces: OrderedDict[str, Unit] = OrderedDict()
        self._within: dict[str, int] = {}
        self._transactions = 0
        self.statements = 0
        self.unparsed = 0
        self.undecoded = 0
        self.sessions = 0
        self._seen: set[int] = set()

    def add(self, execution: Execution) -> Sequence[Unit]:
        """Take one more; returns the pieces of work that are over because of it."""
        self.statements += 1
        self.undecoded += "\ufffd" in execution.sql
        self._count(execution.session)
        match = _FIRST_WORD.match(execution.sql)
        word = match[1].lower() if match else ""
        if word in _BOUNDS:
            return tuple(self._bound(execution, word))
        return () if word in _LITTLE or execution.failed else self._step(execution, word)

    def rest(self) -> Iterator[Unit]:
        """Yield the pieces of work that no end was seen of."""
        yield from (*self._open.values(), *self._traces.values())
        self._open.clear()
        self._traces.clear()

    def idle(self, at: float | None) -> Iterator[Unit]:
        """Yield the pieces of work, of sessions in no transaction, that ended a pause before ``at``; None: all such."""
        over = [
            session
            for session, unit in self._open.items()
            if session not in self._within and (at is None or (unit.ended is not None and at - unit.ended > PAUSE_S))
        ]
        for session in over:
            yield self._open.pop(session)
        while self._traces and at is None:
            yield self._traces.popitem(last=False)[1]
        yield from self._silent(at)

    def _silent(self, at: float | None) -> Iterator[Unit]:
        """Yield the traces that are over by then, and the oldest of too many."""
        while self._traces:
            ended = next(iter(self._traces.values())).ended
            over = ended is not None and at is not None and at - ended > _SILENT_S
            if not over and len(self._traces) <= _OPEN:
                return
            yield self._traces.popitem(last=False)[1]

    def _count(self, session: str) -> None:
        if len(self._seen) < 1_000_000 and hash(session) not in self._seen:
            self._seen.add(hash(session))
            self.sessions += 1

    def _bound(self, execution: Execution, word: str) -> Iterator[Unit]:
        session = execution.session
        unit = self._open.get(session)
        if word in _BEGIN:
            self._transactions += 1
            self._within[session] = self._transactions
            return
        if session in self._within or word in _HANDED_ON:
            self._within.pop(session, None)
            # What came before the transaction in the same piece of work stays with it: a source may be outside.
            if unit is not None and (unit.transaction or word in _HANDED_ON):
                yield self._open.pop(session)

    def _step(self, execution: Execution, word: str) -> Sequence[Unit]:
        name = fingerprint(execution.sql)
        if name is None:
            self.unparsed += 1
            return ()
        session = execution.session
        found = tags(execution.sql)
        trace_id = trace(found) if found else None
        over = list(self._silent(execution.at)) if self._traces else []
        # Through a pool a trace may have several sessions, and a session the statements of several traces in turn.
        opened, key = (self._open, session) if trace_id is None else (self._traces, trace_id)
        if trace_id is not None and session in self._open:
            over.append(self._open.pop(session))
        unit = opened.get(key)
        if unit is not None and self._is_over(unit, execution, name):
            over.append(opened.pop(key))
            unit = None
        if unit is None:
            unit = opened[key] = Unit(
                session,
                execution.database,
                execution.application,
                trace_id,
                request(found),
                transaction=session in self._within,
            )
            if len(self._open) > _OPEN:
                over.append(self._open.popitem(last=False)[1])
        if found and not unit.writer:
            unit.writer = writer(found)
        run = _put(unit, name, execution, word)
        run.transactions[self._within.get(session)] += 1
        if trace_id is not None:
            self._traces.move_to_end(trace_id)
        return over

    def _is_over(self, unit: Unit, execution: Execution, name: str) -> bool:
        steps = len(unit.steps)
        if steps >= _LONG and (steps >= _LONGEST or name not in unit.steps[-2:]):
            return True
        if unit.application != execution.application:
            return True
        bounds_are_known = execution.session in self._within or unit.trace is not None
        if bounds_are_known or unit.ended is None or execution.at is None:
            return False
        return _begin(execution) - unit.ended > PAUSE_S


def _begin(execution: Execution) -> float:
    return (execution.at or 0.0) - (execution.ms or 0.0) / 1000


def _reads(word: str, sql: str) -> bool:
    return word in {"select", "declare"} or (word in {"with", "table", "values"} and _WRITES.search(sql) is None)


def _put(unit: Unit, name: str, execution: Execution, word: str) -> Run:
    place = len(unit.steps)
    unit.steps.append(name)
    silent = None if unit.ended is None or execution.at is None else max(_begin(execution) - unit.ended, 0.0)
    unit.pauses.append(silent)
    sql = untagged(execution.sql)
    run = unit.latest.get(name)
    if run is None or place - run.last > _CYCLE:
        reads = _reads(word, sql)
        if run is None:
            unit.known[name] = sql, reads or _RETURNING.search(sql) is not None
        elif run.calls > 1:
            unit.runs.append(run)
        run = unit.latest[name] = Run(name, reads, place)
    run.last = place
    run.calls += 1
    run.timed = run.timed and execution.ms is not None
    run.ms += execution.ms or 0.0
    key = hash((sql, execution.parameters))
    if key not in run.keys:
        run.keys.add(key)
        if len(run.samples) < _SAMPLES:
            run.samples.append(Sample(sql, execution.parameters))
    if execution.at is not None:
        unit.ended = execution.at
        unit.precise = unit.precise or not execution.at.is_integer()
    return run
