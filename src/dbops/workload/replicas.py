"""``dbops advise replicas``: which share of the work a standby could take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.routing import behind, standbys, views
from dbops.results.progress import Event
from dbops.results.workload import Order, Replica, ReplicasResult, RoutedStatement, TopStatement
from dbops.sql.nodes import Relation
from dbops.sql.purpose import Purpose, purpose
from dbops.workload.ranking import ranked
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
            before = _written(behind(watched.session, _relations(watched), ()))
            watched.during(request.seconds, interrupt, request.report)
        return _result(watched, request, before)


def _relations(watched: Watched) -> frozenset[str]:
    """Return the relations that the statements seen so far read: what is to be watched while they are."""
    probe = Watched(watched.session, watched.target, watched.where, watched.everywhere, watched.settings)
    probe.totals()
    return frozenset().union(*(each.relations for each in _purposes(_statements(probe)).values()))


def _statements(watched: Watched) -> tuple[TopStatement, ...]:
    sums = watched.window.sums()
    wanted = {(key.database, key.queryid) for key in sums if key.queryid is not None}
    found = ranked(watched.window, watched.texts(wanted), Order.TOTAL, watched.meaning)
    return tuple(each for each in found.statements if not each.nested)


def _purposes(statements: tuple[TopStatement, ...]) -> dict[str, Purpose]:
    return {each.query: purpose(each.query) for each in statements if each.query is not None}


def _written(said: Mapping[str, Any]) -> dict[int, int]:
    """Return how many rows of each table, by its oid, were written so far."""
    return {oid: rows for _, oid, rows in said["tables"]}


def _result(watched: Watched, request: Request, before: dict[int, int] | None) -> ReplicasResult:
    statements = _statements(watched)
    purposes = _purposes(statements)
    relations = frozenset().union(*(each.relations for each in purposes.values()))
    called = _called_by(views(watched.session, relations))
    functions = frozenset().union(*(each.functions for each in purposes.values()), *called.values())
    said = behind(watched.session, relations, functions)
    rates = {} if before is None else _rates(said, before, watched.window.seconds)
    total = sum(each.total_ms for each in statements)
    known = Behind.read(said, called)
    routed = [_routed(each, purposes, known, rates, total) for each in statements]
    return ReplicasResult(
        target=watched.target,
        statements=tuple(routed[: request.limit]),
        routable_share=_share(routed, routable=True, total=total),
        unclear_share=_share(routed, routable=None, total=total),
        replicas=tuple(Replica(name, lag) for name, _, lag in standbys(watched.session)),
        measured_s=None if request.seconds is None else round(watched.window.seconds, 3),
        since=watched.since,
        total_ms=round(total, 3),
        notes=(*watched.notes(hidden=any(each.queryid is None for each in statements)), *_notes(watched)),
    )


def _called_by(definitions: Iterable[tuple[str, str]]) -> dict[str, frozenset[Relation]]:
    """Return the functions that each view calls, with those of the views it reads."""
    called: dict[str, frozenset[Relation]] = {}
    for view, definition in definitions:
        called[view] = called.get(view, frozenset()) | purpose(definition).functions
    return called


def _rates(said: Mapping[str, Any], before: Mapping[int, int], seconds: float) -> dict[str, float]:
    """Return the rows a second that were written of what is behind each relation."""
    rates: dict[str, float] = {}
    for name, oid, rows in said["tables"]:
        rates[name] = rates.get(name, 0.0) + max(rows - before.get(oid, rows), 0) / max(seconds, 0.001)
    return rates


def _routed(
    statement: TopStatement,
    purposes: Mapping[str, Purpose],
    known: Behind,
    rates: Mapping[str, float],
    total: float,
) -> RoutedStatement:
    found = None if statement.query is None else purposes[statement.query]
    routable, reason = (None, "its text is not known") if found is None else judge(found, known)
    written = [rates[name] for name in found.relations if name in rates] if found is not None else []
    return RoutedStatement(
        queryid=statement.queryid,
        query=statement.query,
        routable=routable,
        reason=reason,
        calls=statement.calls,
        total_ms=statement.total_ms,
        share=round(statement.total_ms / total, 4) if total else 0.0,
        written_per_s=round(sum(written), 2) if written else None,
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
