"""``dbops advise cache``: which statements a cache would answer, how, and what that would save."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from dbops.postgres.caches import opaque, relations, resident, server, tables
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.routing import behind, views
from dbops.postgres.session import Session
from dbops.results.cache import CacheResult, CacheStatement, ServerCaches, Strategy
from dbops.results.progress import Event, QueryRunning
from dbops.sql.dependence import Dependence, dependence
from dbops.workload.cache.case import NEEDS_LOG, Advice, Expected, Wanted
from dbops.workload.cache.cases import Cases, Seen, Texts, name_of, read_of, writes_of
from dbops.workload.cache.known import Known, Table, read
from dbops.workload.cache.ladder import STALE, allowed
from dbops.workload.cache.replay import Replay, Tables
from dbops.workload.cache.server import Look, judged
from dbops.workload.cache.thresholds import LEAST_MS_PER_S
from dbops.workload.cache.told import about_log, about_totals
from dbops.workload.cache.told import statement as told
from dbops.workload.cache.verdict import advise
from dbops.workload.cache.verdict import counted as from_log
from dbops.workload.followed import QUICK_MS, Log, of_database, refuse_unreadable
from dbops.workload.logs.progress import lacking
from dbops.workload.logs.record import Counted
from dbops.workload.reads import so_far, statements, views_do
from dbops.workload.routing import Behind
from dbops.workload.watched import Watched, watching

_Item = TypeVar("_Item")

_EVERY = 500
"""Statements between two reports of how far it is."""
_RELATIONS = 20
"""Tables and indexes of which the server's own cache is told."""
_NO_PARAMETERS = "the log has no parameters of it (log_parameter_max_length = -1 logs them whole)"
_NOT_THERE = "the log has no call of it"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the totals, or what ``seconds`` add; of the statements ``limit`` are returned.

    ``stale`` is how old an answer may be, in seconds, ``least`` how many ms of execution a second must go away for a
    cache to be worth it. With a ``log`` the hit rates are those that were counted in it.
    """

    seconds: float | None = None
    limit: int = 20
    stale: float = STALE
    least: float = LEAST_MS_PER_S
    log: Log | None = None
    environment: str | None = None
    report: Callable[[Event], None] = lambda _event: None


def cache(dsn: Dsn, request: Request, interrupt: Interrupt | None = None) -> CacheResult:
    """Return the statements of the target's database, each with whether and how a cache would pay.

    Raises what :func:`dbops.workload.watched.watching` does, UsageError for a log that can't be read, and Interrupted.
    """
    interrupt = interrupt or Interrupt()
    if request.log is not None:
        refuse_unreadable(request.log)
    with watching(dsn, "advise cache", interrupt, environment=request.environment, report=request.report) as watched:
        before, texts = None, Texts()
        if request.seconds is None:
            watched.totals()
        else:
            rows = _rows(watched.session, texts.names(so_far(watched)))
            before = _Before(_look(watched.session), rows)
            watched.during(request.seconds, interrupt, request.report)
        counted = _counted(watched, texts, before, _Paced(interrupt, request.report))
        replayed = None if request.log is None else _replayed(counted, request, request.log, interrupt)
    return _result(counted, request, replayed, _Paced(interrupt, request.report))


class _Paced:
    """Goes through statements, of which there may be thousands: tells how far it is, and stops when that is asked."""

    def __init__(self, interrupt: Interrupt, report: Callable[[Event], None]) -> None:
        self._interrupt = interrupt
        self._report = report
        self._started = time.monotonic()

    def __call__(self, found: Sequence[_Item], what: str) -> Iterator[_Item]:
        """Yield each."""
        for number, each in enumerate(found):
            self._interrupt.check()
            if number % _EVERY == 0 and number:
                said = f"{what}, {number:,} of {len(found):,}"
                self._report(QueryRunning(said, time.monotonic() - self._started, None))
            yield each


@dataclass(frozen=True, slots=True)
class _Before:
    """What was counted before statements were watched: of the server's cache, and rows written by table's oid."""

    look: Look
    rows: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the server counted, and tells of what its statements read."""

    watched: Watched
    before: _Before | None
    look: Look
    seen: tuple[Seen, ...]
    known: Known
    server: ServerCaches


@dataclass(frozen=True, slots=True)
class _Replayed:
    """A log that was replayed, and what became of its lines."""

    replay: Replay
    lines: Counted


def _look(session: Session) -> Look:
    return Look.read(server(session), relations(session))


def _rows(session: Session, names: frozenset[str]) -> dict[int, int]:
    return {each["oid"]: each["written"] for each in tables(session, names) if each["written"] is not None}


def _counted(watched: Watched, texts: Texts, before: _Before | None, paced: _Paced) -> _Counted:
    session, look = watched.session, _look(watched.session)
    called = statements(watched)
    seconds = watched.window.seconds if before is not None or watched.since is not None else None
    seen = tuple(texts.seen(each, seconds) for each in paced(called, "reading statements"))
    known = _known(watched, texts.names(called), seen, before, look)
    schema = look.said["buffercache"]
    there = None if schema is None else resident(session, schema)
    then = None if before is None else before.look
    judgement = judged(look, then, there, _RELATIONS, in_recovery=watched.target.in_recovery)
    return _Counted(watched, before, look, seen, known, judgement)


def _known(
    watched: Watched, names: frozenset[str], seen: tuple[Seen, ...], before: _Before | None, look: Look
) -> Known:
    """Return what the server tells of what is behind the statements; a standby does not count what is written."""
    session, definitions = watched.session, views(watched.session, names)
    through = views_do(definitions)
    functions = frozenset().union(*(each.functions for each in (*(one.purpose for one in seen), *through.values())))
    depends: dict[str, Dependence] = {}
    for view, definition in definitions:
        depends[view] = depends.get(view, Dependence()).plus(dependence(definition))
    found = read(tables(session, names))
    reading = opaque(session, functions)
    against = Behind.read(behind(session, names, functions), through, reading)
    known = Known(against, found, depends, frozenset(each for each, asks in reading.items() if asks))
    if watched.target.in_recovery:
        return known
    rows, seconds = _written_per_s(found, before, look, watched), None if before is None else watched.window.seconds
    return replace(known, rows=rows, writes=writes_of(seen, known), seconds=seconds)


def _written_per_s(
    found: Mapping[str, tuple[Table, ...]], before: _Before | None, look: Look, watched: Watched
) -> dict[int, float] | None:
    """Return rows written a second by table's oid; None for totals whose begin nobody knows."""
    rows = {each.oid: each.written for under in found.values() for each in under if each.written is not None}
    if before is not None:
        seconds = max(watched.window.seconds, 0.001)
        return {oid: max(count - before.rows.get(oid, count), 0) / seconds for oid, count in rows.items()}
    since = look.said["since"]
    if since is None:
        return None
    return {oid: count / max(float(look.said["at"]) - float(since), 0.001) for oid, count in rows.items()}


def _replayed(counted: _Counted, request: Request, log: Log, interrupt: Interrupt) -> _Replayed:
    """Replay the log; what names mean that it has alone is asked of the server when they are met."""
    known, watched, means = counted.known, counted.watched, dict[str, Tables]()

    def meant(name: str) -> Tables:
        if name not in means:
            found = known if name in known.tables else Known(tables=read(tables(watched.session, [name])))
            means[name] = found.means(name)
        return means[name]

    reads = {name: found for each in counted.seen if (name := name_of(each)) and (found := read_of(each, known))}
    replay, lines = Replay(reads, allowed(request.stale), meant), Counted()
    with interrupt.raising():  # who writes to a pipe may be silent for long
        for execution in of_database(log, watched.target.database, lines, request.report):
            replay.add(execution)
    return _Replayed(replay, lines)


def _expected(seen: Seen, replayed: _Replayed | None) -> tuple[Expected | None, str]:
    """Return what a log has shown of a statement, and what is missing where it has not."""
    if replayed is None:
        return None, NEEDS_LOG
    name = name_of(seen)
    found = replayed.replay.result(name) if name is not None else None
    return (None, _NOT_THERE) if found is None else (from_log(found), _NO_PARAMETERS)


def _result(counted: _Counted, request: Request, replayed: _Replayed | None, paced: _Paced) -> CacheResult:
    """Return the advice on each statement, what would save the most first."""
    watched, wanted = counted.watched, Wanted(request.stale, request.least)
    cases = Cases(counted.seen, counted.known, wanted, lambda each: _expected(each, replayed))
    total = sum(each.statement.total_ms for each in counted.seen)
    found = [_judged(each, cases, wanted, total) for each in paced(counted.seen, "judging statements")]
    found.sort(key=lambda pair: _place(pair[0]))
    seconds = counted.seen[0].seconds if counted.seen else None
    return CacheResult(
        target=watched.target,
        statements=tuple(each for each, _ in found[: request.limit]),
        not_worth=dict(Tally(advice.kind for _, advice in found if advice.kind).most_common()),
        seen=len(found),
        stale_s=request.stale,
        measured_s=None if counted.before is None else round(watched.window.seconds, 3),
        since=watched.since,
        log_s=None if replayed is None else round(replayed.replay.covered, 3),
        total_ms=round(total, 3),
        load_ms_per_second=None if not seconds else round(total / seconds, 3),
        saved_ms_per_second=round(sum(each.saved_ms_per_second or 0.0 for each, _ in found), 3),
        server=counted.server,
        notes=tuple(_notes(counted, replayed)),
    )


def _judged(seen: Seen, cases: Cases, wanted: Wanted, total: float) -> tuple[CacheStatement, Advice]:
    case = cases.case(seen)
    advice = advise(case, wanted)
    rows = cases.written(seen)[1]
    return told(seen, case, advice, rows_per_s=rows, tables=cases.names(seen), total_ms=total), advice


def _place(each: CacheStatement) -> tuple[bool, bool, float, float]:
    saved = each.saved_ms_per_second
    return each.strategy is Strategy.NONE, saved is None, -(saved or 0.0), -each.total_ms


def _notes(counted: _Counted, replayed: _Replayed | None) -> Iterator[str]:
    watched = counted.watched
    yield from watched.notes(hidden=any(each.statement.queryid is None for each in counted.seen))
    if counted.before is None:
        yield about_totals(watched.since, counted.look.said["since_text"])
    if watched.target.in_recovery:
        yield "this is a standby: what is written is counted on the primary alone"
    if replayed is not None:
        yield from lacking(replayed.lines, replayed.replay.statements, watched.target.database)
        yield from about_log(replayed.replay, quick_ms=QUICK_MS)
