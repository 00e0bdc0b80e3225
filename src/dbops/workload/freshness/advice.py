"""What a log adds to the advice that counters give: shares, reasons, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dbops.results.progress import duration
from dbops.results.workload import Freshness, Identity, Replica, ReplicasResult, RoutedStatement
from dbops.workload.freshness.shares import Weighed, all_stay, followed
from dbops.workload.freshness.tally import Tally
from dbops.workload.routing import NO_TABLE

_SAME = {
    Identity.SESSION: "in the same session",
    Identity.TRACE: "in the same trace",
    Identity.APPLICATION: "by the same application",
    Identity.USER: "by the same role",
}
_TOLD_APART = {
    Identity.SESSION: (
        "clients were told apart by their sessions: where a pool lets a user read in another session than wrote, say "
        "--identity application, which counts every write of the application"
    ),
    Identity.TRACE: (
        "connections are shared, so clients were told apart by their traces: what a user wrote in one request and "
        "reads in the next one is not seen"
    ),
    Identity.APPLICATION: (
        "connections are shared, so clients were told apart by application_name: what follows anybody's write in the "
        "same application counts, and more could go if it were known whose it was"
    ),
    Identity.USER: (
        "connections are shared, so clients were told apart by their role: what follows anybody's write as the same "
        "role counts, and more could go if it were known whose it was"
    ),
}


def largest(replicas: tuple[Replica, ...]) -> float | None:
    """Return the largest lag in seconds of the standbys; None where there are none, or one's is not known."""
    lags = [each.lag_s for each in replicas]
    return None if None in lags else max((lag for lag in lags if lag is not None), default=None)


def with_log(
    result: ReplicasResult,
    tallies: Mapping[str, Tally],
    names: Mapping[str, str],
    *,
    statements: int,
    identity: Identity,
    lag: float | None,
) -> ReplicasResult:
    """Return the advice with what a log of so many ``statements`` says; ``names`` are fingerprints by their texts."""
    found = [tallies.get(names.get(each.query or "", "")) for each in result.statements]
    weighed = [
        Weighed(each.total_ms / result.total_ms if result.total_ms else 0.0, each.routable, tally)
        for each, tally in zip(result.statements, found, strict=True)
    ]
    pairs = zip(result.statements, found, strict=True)
    routed = tuple(_routed(each, tally, identity, lag) for each, tally in pairs)
    time = sum(each.total_ms for each in routed if each.routable)
    return replace(
        result,
        statements=routed,
        routable_share=round(time / result.total_ms, 4) if result.total_ms else 0.0,
        notes=(*result.notes, *_notes(result, identity, lag)),
        followed=followed(weighed, statements=statements, identity=identity, lag=lag),
    )


def _routed(each: RoutedStatement, tally: Tally | None, identity: Identity, lag: float | None) -> RoutedStatement:
    alone = each.reason == NO_TABLE and (tally is None or not tally.within.calls)
    if not each.routable or alone:
        return each
    if tally is None:
        return replace(each, reason=f"{each.reason}; the log doesn't have it")
    found, stays = tally.freshness(lag), all_stay(tally)
    reason = "; ".join([*([] if stays else [each.reason]), *_reasons(found, identity, lag)])
    return replace(each, routable=not stays, reason=reason, freshness=found)


def _reasons(found: Freshness, identity: Identity, lag: float | None) -> Iterator[str]:
    if found.within_writing:
        yield f"{_percent(found.within_writing)} of calls are in transactions of which a standby would refuse something"
    outside = 1.0 - found.within_writing
    if not outside:
        return
    if found.age_s_median is None or found.age_s_5_percent is None:
        yield f"{_the(outside)} follows a write of what it reads {_SAME[identity]}"
        return
    same, table = _SAME[identity], _table(found)
    ages = f"(half within {_ago(found.age_s_median)}, 5 % within {_ago(found.age_s_5_percent)})"
    ever = _percent(outside - found.after_no_write)
    if lag is None:
        yield f"{ever} of calls follow a write {same} {ages}"
    elif found.after_write:
        share = _percent(found.after_write)
        yield f"{share} of calls follow a write of {table} {same} within {duration(lag)}, {ever} ever {ages}"
    else:
        yield f"{_the(outside)} follows a write {same} within {duration(lag)}, {ever} ever do {ages}"


def _the(outside: float) -> str:
    return "no call" if outside == 1.0 else "none of the others"


def _ago(seconds: float) -> str:
    return "1 ms" if seconds < 0.001 else duration(seconds)


def _table(found: Freshness) -> str:
    return "anything" if found.written in {None, "*"} else str(found.written)


def _percent(share: float) -> str:
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _notes(result: ReplicasResult, identity: Identity, lag: float | None) -> Iterator[str]:
    yield _TOLD_APART[identity]
    if lag is not None:
        return
    if not result.replicas:
        yield "no standby streams from here, so there is no lag to judge by: --lag 1s names one"
        return
    unknown = ", ".join(each.name for each in result.replicas if each.lag_s is None)
    yield (
        f"how far {unknown} is behind is not known (it takes pg_monitor to see it), so there is no lag to judge by: "
        "--lag 1s names one"
    )
