"""``dbops nplusone --statements``: from the counters of pg_stat_statements to what looks like a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dbops.postgres.calls import calls, keys
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.nplusone import Loop, LoopKind, NPlusOneResult
from dbops.results.progress import Event
from dbops.sql.lookup import batched
from dbops.sql.normalized import readable
from dbops.sql.redact import secrets
from dbops.workload.nplusone.frameworks import hint
from dbops.workload.nplusone.judge import FEWEST
from dbops.workload.nplusone.keys import Keys
from dbops.workload.nplusone.shape import Shape
from dbops.workload.nplusone.suspects import (
    Caller,
    Calls,
    Sample,
    Suspect,
    Suspects,
    added,
    candidates,
    together,
)
from dbops.workload.nplusone.tags import request as requested
from dbops.workload.nplusone.tags import tags, untagged, writer
from dbops.workload.watched import Watched, watching

_GUESSED = (
    "counters tell of no sessions and no keys: that one program asks for each row is inferred from how often each is "
    "called; logs prove it (dbops nplusone --log)"
)
_TOTALS = "these are totals: what was deployed since, and what is over, is in them; --for 60s looks at now"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the totals, or what ``seconds`` add; lookups of less than ``fewest`` calls are left out."""

    seconds: float | None = None
    fewest: int = FEWEST
    environment: str | None = None
    report: Callable[[Event], None] = lambda _event: None


def suspects(dsn: Dsn, request: Request, interrupt: Interrupt | None = None) -> NPlusOneResult:
    """Return the statements of the target's database that look like loops; takes as long as it is to watch.

    Raises what :func:`dbops.workload.watched.watching` does, and Interrupted.
    """
    interrupt = interrupt or Interrupt()
    with watching(dsn, "nplusone", interrupt, environment=request.environment, report=request.report) as watched:
        samples = _samples(watched, request, interrupt)
        return _result(watched, added(samples), request)


def _samples(watched: Watched, request: Request, interrupt: Interrupt) -> list[Sample]:
    if request.seconds is None:
        watched.totals()
        return [{}, _look(watched)]
    samples = [_look(watched)]

    def report(event: Event) -> None:
        samples.append(_look(watched))
        request.report(event)

    watched.during(request.seconds, interrupt, report)
    return samples


def _look(watched: Watched) -> Sample:
    return {Caller(*row[:2]): Calls(*row[2:]) for row in calls(watched.session, watched.where)}


def _result(watched: Watched, parts: list[dict[Caller, Calls]], request: Request) -> NPlusOneResult:
    sums = together(parts)
    seen = watched.window.sums()
    database = next((key.database for key in seen), None)
    wanted = candidates(sums, request.fewest)
    known = watched.texts({(database, each.queryid) for each in wanted}) if database is not None else {}
    own = {queryid for (_, queryid), each in known.items() if each.own}
    texts = {queryid: each.text for (_, queryid), each in known.items() if each.text is not None and not each.own}
    judge = Suspects(parts, {queryid: untagged(text) for queryid, text in texts.items()}, request.fewest)
    found = judge.found(Keys.read(keys(watched.session, judge.relations())))
    called = {each.queryid for each in sums if each.queryid not in own}
    return NPlusOneResult(
        findings=tuple(_loop(each, sums, texts, watched.target.database) for each in found),
        statements=len(called),
        sessions=None,
        unreadable=0,
        unparsed=0,
        notes=tuple(_notes(watched, request, hidden=any(key.queryid is None for key in seen), any_found=bool(found))),
        target=watched.target,
        measured_s=None if request.seconds is None else round(watched.window.seconds, 3),
        since=watched.since,
    )


def _loop(found: Suspect, sums: Sample, texts: dict[int, str], database: str) -> Loop:
    text = texts[found.caller.queryid]
    query, source = readable(untagged(text)), readable(untagged(texts[found.source.queryid]))
    own, other = sums[found.caller], sums[found.source]
    said = tags(text)
    return Loop(
        kind=LoopKind.SUSPECTED,
        query=secrets(query),
        source_query=secrets(source),
        calls=round(own.calls),
        occurrences=None,
        most_calls=None,
        distinct_parameters=None,
        total_ms=round(own.ms, 3),
        session=None,
        database=database,
        application=None,
        request=requested(said),
        column=found.column,
        remedy=batched(query, found.place),
        why=(
            f"{own.calls / other.calls:,.1f} calls for each call of the source, {own.calls / other.rows:.2f} for each "
            f"row that it gave; {found.why}"
        ),
        hint=hint(Shape(query, source, found.place, writer(said))),
    )


def _notes(watched: Watched, request: Request, *, hidden: bool, any_found: bool) -> Iterator[str]:
    if any_found:
        yield _GUESSED
    if request.seconds is None:
        yield _TOTALS
    yield from watched.notes(hidden=hidden)
