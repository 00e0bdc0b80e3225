"""``dbops advise cache``: which statements a cache would answer, how, and what that would save."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dbops.postgres.caches import opaque, relations, resident, server, tables
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.routing import behind, views
from dbops.postgres.session import Session
from dbops.results.cache import CacheResult, CacheStatement, ServerCaches, Strategy
from dbops.results.progress import Event
from dbops.results.workload import TopStatement
from dbops.sql.dependence import Dependence, dependence
from dbops.workload.cache.case import NEEDS_LOG, Advice, Case, Expected, Wanted
from dbops.workload.cache.cases import Cases, Seen, name_of, read_of, writes_of, written_names
from dbops.workload.cache.known import Known, read
from dbops.workload.cache.ladder import STALE, allowed
from dbops.workload.cache.replay import Replay, Tables
from dbops.workload.cache.server import Look, judged
from dbops.workload.cache.thresholds import LEAST_MS_PER_S
from dbops.workload.cache.verdict import advise, counted, saving
from dbops.workload.followed import QUICK_MS, Log, of_database
from dbops.workload.logs.record import Counted
from dbops.workload.reads import called_by, purposes, so_far, statements
from dbops.workload.reads import relations as read_names
from dbops.workload.routing import Behind
from dbops.workload.watched import Watched, watching

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
    with watching(dsn, "advise cache", interrupt, environment=request.environment, report=request.report) as watched:
        before: _Before | None = None
        if request.seconds is None:
            watched.totals()
        else:
            before = _Before(_look(watched.session), _rows(watched.session, _names(so_far(watched))))
            watched.during(request.seconds, interrupt, request.report)
        return _result(watched, request, before, interrupt)


@dataclass(frozen=True, slots=True)
class _Before:
    """What was counted before statements were watched: of the server's cache, and rows written by table's oid."""

    look: Look
    rows: Mapping[int, int]


def _look(session: Session) -> Look:
    return Look.read(server(session), relations(session))


def _names(called: Collection[TopStatement]) -> frozenset[str]:
    """Return the relations that statements read and write."""
    written = frozenset[str]().union(*map(written_names, called))
    return read_names(purposes(called)) | written


def _rows(session: Session, names: frozenset[str]) -> dict[int, int]:
    return {each["oid"]: each["written"] for each in tables(session, names) if each["written"] is not None}


def _result(watched: Watched, request: Request, before: _Before | None, interrupt: Interrupt) -> CacheResult:
    session, called = watched.session, statements(watched)
    look, purpose_of = _look(session), purposes(called)
    seconds = watched.window.seconds if before is not None or watched.since is not None else None
    seen = [Seen.of(each, purpose_of, seconds) for each in called]
    known = _known(session, seen, before, look, watched)
    wanted = Wanted(request.stale, request.least)
    replayed = None if request.log is None else _replayed(watched, request, request.log, seen, known, interrupt)
    cases = Cases(seen, known, wanted, lambda each: _expected(each, replayed))
    total = sum(each.total_ms for each in called)
    judgements = [_judged(each, cases, wanted, total) for each in seen]
    worth = [each for each, _ in judgements if each.strategy is not Strategy.NONE]
    others = [each for each, _ in judgements if each.strategy is Strategy.NONE]
    worth.sort(key=lambda each: (each.saved_ms_per_second is None, -(each.saved_ms_per_second or 0), -each.total_ms))
    return CacheResult(
        target=watched.target,
        statements=tuple([*worth, *others][: request.limit]),
        not_worth=dict(Tally(advice.kind for _, advice in judgements if advice.kind).most_common()),
        seen=len(judgements),
        stale_s=request.stale,
        measured_s=None if before is None else round(watched.window.seconds, 3),
        since=watched.since,
        log_s=None if replayed is None else round(replayed.replay.covered, 3),
        total_ms=round(total, 3),
        load_ms_per_second=None if not seconds else round(total / seconds, 3),
        saved_ms_per_second=round(sum(each.saved_ms_per_second or 0.0 for each in worth), 3),
        server=_server(watched, look, before),
        notes=tuple(_notes(watched, seen, before, look, replayed)),
    )


def _known(session: Session, seen: list[Seen], before: _Before | None, look: Look, watched: Watched) -> Known:
    """Return what the server tells of what is behind the statements."""
    names = _names([each.statement for each in seen])
    definitions = views(session, names)
    by_views = called_by(definitions)
    functions = frozenset().union(*(each.purpose.functions for each in seen), *by_views.values())
    depends: dict[str, Dependence] = {}
    for view, definition in definitions:
        depends[view] = depends.get(view, Dependence()).plus(dependence(definition))
    behind_them = read(tables(session, names))
    against = Behind.read(behind(session, names, functions), by_views)
    standby = watched.target.in_recovery
    rows = None if standby else _written_per_s(behind_them, before, look, watched)
    known = Known(against, behind_them, frozenset(opaque(session, functions)), depends, rows)
    return known if standby else Known(against, behind_them, known.opaque, depends, rows, writes_of(seen, known))


def _written_per_s(
    found: Mapping[str, Any], before: _Before | None, look: Look, watched: Watched
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


@dataclass(frozen=True, slots=True)
class _Replayed:
    replay: Replay
    counted: Counted


def _replayed(
    watched: Watched, request: Request, log: Log, seen: list[Seen], known: Known, interrupt: Interrupt
) -> _Replayed:
    """Replay the log; names that are in it alone are asked of the server when they are met."""
    means: dict[str, Tables] = {}

    def meant(name: str) -> Tables:
        if name not in means:
            found = known if name in known.tables else Known(tables=read(tables(watched.session, [name])))
            means[name] = found.means(name)
        return means[name]

    reads = {name: found for each in seen if (name := name_of(each)) and (found := read_of(each, known))}
    replay = Replay(reads, allowed(request.stale), meant)
    lines = Counted()
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
    if found is None:
        return None, _NOT_THERE
    return counted(found), _NO_PARAMETERS


def _judged(seen: Seen, cases: Cases, wanted: Wanted, total: float) -> tuple[CacheStatement, Advice]:
    case = cases.case(seen)
    advice = advise(case, wanted)
    return _statement(seen, case, advice, cases.written(seen)[1], cases.names(seen), total), advice


def _statement(
    seen: Seen, case: Case, advice: Advice, rows_per_s: float | None, names: tuple[str, ...], total: float
) -> CacheStatement:
    statement, saved = seen.statement, saving(case, advice)
    share = None if advice.hits is None or not total else advice.hits * statement.total_ms / total
    return CacheStatement(
        queryid=statement.queryid,
        query=statement.query,
        strategy=advice.strategy,
        ttl_seconds=advice.ttl,
        hit_rate=_rounded(advice.hits, 4),
        basis=advice.basis,
        stale_share=None if advice.stale is None or advice.hits is None else round(advice.stale * advice.hits, 4),
        saved_ms_per_second=_rounded(saved, 3),
        saved_share=_rounded(share, 4),
        reason=advice.reason,
        calls=statement.calls,
        calls_per_s=_rounded(case.calls_per_s, 3),
        mean_ms=statement.mean_ms,
        total_ms=statement.total_ms,
        load_ms_per_second=_rounded(case.load, 3),
        rows_per_call=_rounded(case.rows_per_call, 2),
        tables=names,
        writes_per_s=_rounded(case.writes_per_s, 3),
        written_per_s=_rounded(rows_per_s, 3),
        distinct_keys=case.expected.keys if case.expected is not None else None,
        view=advice.view,
        explain=statement.explain,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _server(watched: Watched, look: Look, before: _Before | None) -> ServerCaches:
    schema = look.said["buffercache"]
    there = None if schema is None else resident(watched.session, schema)
    then = None if before is None else before.look
    return judged(look, then, there, _RELATIONS, in_recovery=watched.target.in_recovery)


def _notes(
    watched: Watched, seen: list[Seen], before: _Before | None, look: Look, replayed: _Replayed | None
) -> Iterator[str]:
    yield from watched.notes(hidden=any(each.statement.queryid is None for each in seen))
    if before is None:
        yield _about_totals(watched.since, look.said["since_text"])
    if watched.target.in_recovery:
        yield "this is a standby: what is written is counted on the primary alone"
    if replayed is not None:
        yield from _notes_of_log(replayed)


def _about_totals(statements_since: str | None, rows_since: str | None) -> str:
    """Return what is to be said of totals: reads and writes are counted since different moments."""
    since = [f"statements since {statements_since}"] if statements_since else []
    since += [f"rows written since {rows_since}"] if rows_since else []
    unknown = [] if statements_since else ["statements"]
    unknown += [] if rows_since else ["rows written"]
    missing = f" (of {' and '.join(unknown)} it is not known)" if unknown else ""
    return f"totals tell of another time than now: {', '.join(since) or 'since when'}{missing}; --for 60s watches"


def _notes_of_log(replayed: _Replayed) -> Iterator[str]:
    replay, lines = replayed.replay, replayed.counted
    if not lines.records:
        yield "nothing was read as an entry of PostgreSQL's log"
    elif not replay.statements:
        yield (
            "the log has no statement of this database: it must have them (log_min_duration_statement = 0 shows all), "
            "and in English (lc_messages = 'C')"
        )
    if lines.unreadable:
        yield f"{lines.unreadable:,} lines are no entry of a log, or were cut off"
    if replay.untimed:
        yield f"{replay.untimed:,} statements of the log have no time, and tell nothing: log_line_prefix needs %m"
    elif replay.statements and not replay.precise:
        yield "the log's times are whole seconds: lives of a few seconds are about right alone (%m is precise)"
    if replay.quickest_ms is not None and replay.quickest_ms >= QUICK_MS:
        yield (
            f"no statement of the log was quicker than {replay.quickest_ms:g} ms: it hasn't all of them "
            "(log_min_duration_statement = 0 shows all), and the more calls are missing the lower is each hit rate"
        )
    if replay.statements:
        yield "what triggers, functions and cascades write no log shows; a time to live bounds what that makes old"
