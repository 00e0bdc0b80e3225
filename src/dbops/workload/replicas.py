"""``dbops advise replicas``: which share of the work a standby could take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.routing import behind, standbys, views
from dbops.results.progress import Event
from dbops.results.workload import Replica, ReplicasResult, RoutedStatement, TopStatement
from dbops.sql.purpose import Purpose
from dbops.workload.reads import called_by, purposes, rates, relations, so_far, statements, written
from dbops.workload.routing import Behind, judge
from dbops.workload.watched import Watched, watching


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the totals, or what ``seconds`` add; of the statements ``limit`` are returned."""

    seconds: float | None = None
    limit: int = 20
    environment: str | None = None
    report: Callable[[Event], None] = lambda _event: None


def replicas(dsn: Dsn, request: Request, interrupt: Interrupt | None = None) -> ReplicasResult:
    """Return the statements of the target's database, each with whether a standby could answer it.

    Raises what :func:`dbops.workload.watched.watching` does, and Interrupted.
    """
    interrupt = interrupt or Interrupt()
    with watching(dsn, "advise replicas", interrupt, environment=request.environment, report=request.report) as watched:
        before: dict[int, int] | None = None
        if request.seconds is None:
            watched.totals()
        else:
            before = written(behind(watched.session, relations(purposes(so_far(watched))), ()))
            watched.during(request.seconds, interrupt, request.report)
        return _result(watched, request, before)


def _result(watched: Watched, request: Request, before: dict[int, int] | None) -> ReplicasResult:
    called = statements(watched)
    known = purposes(called)
    names = relations(known)
    by_views = called_by(views(watched.session, names))
    functions = frozenset().union(*(each.functions for each in known.values()), *by_views.values())
    said = behind(watched.session, names, functions)
    per_s = {} if before is None else rates(said, before, watched.window.seconds)
    total = sum(each.total_ms for each in called)
    against = Behind.read(said, by_views)
    routed = [_routed(each, known, against, per_s, total) for each in called]
    return ReplicasResult(
        target=watched.target,
        statements=tuple(routed[: request.limit]),
        routable_share=_share(routed, routable=True, total=total),
        unclear_share=_share(routed, routable=None, total=total),
        replicas=tuple(Replica(name, lag) for name, _, lag in standbys(watched.session)),
        measured_s=None if request.seconds is None else round(watched.window.seconds, 3),
        since=watched.since,
        total_ms=round(total, 3),
        notes=(*watched.notes(hidden=any(each.queryid is None for each in called)), *_notes(watched)),
    )


def _routed(
    statement: TopStatement,
    known: Mapping[str, Purpose],
    against: Behind,
    per_s: Mapping[str, float],
    total: float,
) -> RoutedStatement:
    found = None if statement.query is None else known[statement.query]
    routable, reason = (None, "its text is not known") if found is None else judge(found, against)
    rows_per_s = [per_s[name] for name in found.relations if name in per_s] if found is not None else []
    return RoutedStatement(
        queryid=statement.queryid,
        query=statement.query,
        routable=routable,
        reason=reason,
        calls=statement.calls,
        total_ms=statement.total_ms,
        share=round(statement.total_ms / total, 4) if total else 0.0,
        written_per_s=round(sum(rows_per_s), 2) if rows_per_s else None,
    )


def _share(routed: list[RoutedStatement], *, routable: bool | None, total: float) -> float:
    time = sum(each.total_ms for each in routed if each.routable is routable)
    return round(time / total, 4) if total else 0.0


def _notes(watched: Watched) -> Iterator[str]:
    yield (
        "a query in a transaction that also writes must stay on the primary, and so must one that has to see what its "
        "own session just wrote: counters can't tell which those are"
    )
    if watched.target.in_recovery:
        yield "this is a standby itself: its counters are those of what is asked here"
