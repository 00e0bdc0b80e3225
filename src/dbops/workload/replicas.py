"""``dbops advise replicas``: which share of the work a standby could take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dbops.postgres.caches import opaque
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.routing import behind, standbys, views
from dbops.postgres.session import Session
from dbops.results.progress import Event
from dbops.results.workload import ReplicasResult, RoutedStatement, TopStatement
from dbops.sql.access import accesses
from dbops.sql.fingerprint import fingerprint
from dbops.sql.normalized import readable
from dbops.sql.purpose import Purpose
from dbops.workload.followed import Log, follow, refuse_unreadable
from dbops.workload.freshness.advice import largest, with_log
from dbops.workload.freshness.facts import Facts, bare
from dbops.workload.lag import Lags
from dbops.workload.reads import purposes, rates, relations, so_far, statements, views_do, written
from dbops.workload.routing import Behind, judge
from dbops.workload.watched import Watched, watching

_WITHOUT_LOG = (
    "a query in a transaction that also writes must stay on the primary, and so must one that has to see what its own "
    "session just wrote: counters can't tell which those are, --log can"
)
_LOOKED_ONCE = "the lag is that of one moment: --for 60s takes the largest of a minute, --lag 5s another"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the totals, or what ``seconds`` add; of the statements ``limit`` are returned.

    With a ``log`` it is judged how fresh answers have to be, at a ``lag`` in seconds, None for the largest that a
    standby had meanwhile.
    """

    seconds: float | None = None
    limit: int = 20
    environment: str | None = None
    report: Callable[[Event], None] = lambda _event: None
    log: Log | None = None
    lag: float | None = None


def replicas(dsn: Dsn, request: Request, interrupt: Interrupt | None = None) -> ReplicasResult:
    """Return the statements of the target's database, each with whether a standby could answer it.

    Raises what :func:`dbops.workload.watched.watching` does, UsageError for a log that can't be read, and Interrupted.
    """
    interrupt = interrupt or Interrupt()
    if request.log is not None:
        refuse_unreadable(request.log)  # before statements are watched, not after
    with watching(dsn, "advise replicas", interrupt, environment=request.environment, report=request.report) as watched:
        lags = Lags()
        before: dict[int, int] | None = None
        if request.seconds is None:
            watched.totals()
            lags.look(standbys(watched.session))
        else:
            before = written(behind(watched.session, relations(purposes(so_far(watched))), ()))
            watched.during(
                request.seconds, interrupt, request.report, beside=lambda: lags.look(standbys(watched.session))
            )
        result, facts = _counted(watched, request, before, lags)
    return result if request.log is None else _with_log(result, request, request.log, facts, interrupt)


def _counted(
    watched: Watched, request: Request, before: dict[int, int] | None, lags: Lags
) -> tuple[ReplicasResult, Facts]:
    """Return what the counters tell, of all statements where there is a log, and what the log's would mean."""
    called = statements(watched)
    known = purposes(called)
    said, against = _behind(watched.session, known, _changed(known) if request.log else frozenset())
    per_s = {} if before is None else rates(said, before, watched.window.seconds)
    total = sum(each.total_ms for each in called)
    routed = [_routed(each, known, against, per_s, total) for each in called]
    hidden = any(each.queryid is None for each in called)
    result = ReplicasResult(
        target=watched.target,
        statements=tuple(routed if request.log else routed[: request.limit]),
        routable_share=_share(routed, routable=True, total=total),
        unclear_share=_share(routed, routable=None, total=total),
        replicas=lags.replicas(),
        measured_s=None if request.seconds is None else round(watched.window.seconds, 3),
        since=watched.since,
        total_ms=round(total, 3),
        notes=(*watched.notes(hidden=hidden), *_notes(watched, with_log=request.log is not None)),
    )
    return result, Facts(against, _below(said["below"]))


def _changed(known: Mapping[str, Purpose]) -> frozenset[str]:
    """Return the relations that any of the statements writes."""
    return frozenset().union(*(each.writes for text in known for each in accesses(text)))


def _behind(
    session: Session, known: Mapping[str, Purpose], changed: frozenset[str]
) -> tuple[Mapping[str, Any], Behind]:
    """Return what the server says of what the statements name, and the same for judging them."""
    names = relations(known)
    through = views_do(views(session, names))
    functions = frozenset().union(*(each.functions for each in (*known.values(), *through.values())))
    said = behind(session, names | changed, functions)
    return said, Behind.read(said, through, opaque(session, functions))


def _notes(watched: Watched, *, with_log: bool) -> Iterator[str]:
    if not with_log:
        yield _WITHOUT_LOG
    if watched.target.in_recovery:
        yield "this is a standby itself: its counters are those of what is asked here"


def _below(pairs: list[list[str]]) -> Mapping[str, frozenset[str]]:
    """Return the names of the tables behind each relation, and its own."""
    found: dict[str, frozenset[str]] = {}
    for relation, table in pairs:
        found[relation] = found.get(relation, frozenset({bare(relation)})) | {table}
    return found


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


def _with_log(result: ReplicasResult, request: Request, log: Log, facts: Facts, interrupt: Interrupt) -> ReplicasResult:
    """Return the result with what the log adds to it."""
    texts = {
        each.query: fingerprint(readable(each.query)) for each in result.statements if each.query and each.routable
    }
    names = {text: name for text, name in texts.items() if name is not None}
    lag = largest(result.replicas) if request.lag is None else request.lag
    seen = follow(
        log,
        result.target.database,
        facts,
        frozenset(names.values()),
        lag,
        interrupt=interrupt,
        report=request.report,
    )
    history = seen.history
    added = with_log(result, history.tallies, names, statements=history.statements, identity=seen.identity, lag=lag)
    looked_once = [_LOOKED_ONCE] if lag is not None and request.lag is None and request.seconds is None else []
    return replace(added, statements=added.statements[: request.limit], notes=(*added.notes, *looked_once, *seen.notes))
