"""What a log adds to the advice that counters give: shares, reasons, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dbops.results.progress import duration
from dbops.results.workload import Freshness, Identity, Replica, ReplicasResult, RoutedStatement
from dbops.workload.freshness.shares import Weighed, all_stay, followed
from dbops.workload.freshness.tally import Tally

_SAME = {
    Identity.SESSION: "in the same session",
    Identity.TRACE: "in the same trace",
    Identity.APPLICATION: "by the same application",
    Identity.USER: "by the same role",
}
_POOLED = {
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
    if not each.routable:
        return each
    if tally is None:
        return replace(each, reason=f"{each.reason}; the log doesn't have it")
    found = tally.freshness(lag)
    reason = "; ".join([each.reason, *_reasons(found, identity, lag)])
    return replace(each, routable=not all_stay(tally), reason=reason, freshness=found)


def _reasons(found: Freshness, identity: Identity, lag: float | None) -> Iterator[str]:
    same = _SAME[identity]
    if found.within_writing:
        yield f"{_percent(found.within_writing)} of calls are in transactions of which a standby would refuse something"
    if found.after_write and lag is not None:
        yield f"{_percent(found.after_write)} of calls follow a write of {_table(found)} {same} within {duration(lag)}"
    elif found.after_no_write == 1.0:
        yield f"no call follows a write of what it reads {same}"
    if found.age_s_median is not None and found.age_s_5_percent is not None:
        yield (
            f"{_percent(1 - found.within_writing - found.after_no_write)} follow one at all, in the median after "
            f"{duration(found.age_s_median)}, in 5 % of them within {duration(found.age_s_5_percent)}"
        )


def _table(found: Freshness) -> str:
    return "anything" if found.written in {None, "*"} else str(found.written)


def _percent(share: float) -> str:
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _notes(result: ReplicasResult, identity: Identity, lag: float | None) -> Iterator[str]:
    if identity in _POOLED:
        yield _POOLED[identity]
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
