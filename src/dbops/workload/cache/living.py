"""What the strategies share whose answers live for a time."""

from __future__ import annotations

from dbops.results.cache import Strategy
from dbops.results.figures import period
from dbops.workload.cache.case import Advice, Case, Wanted
from dbops.workload.cache.ladder import LIFETIME, allowed, shortest


def living(case: Case, wanted: Wanted, strategy: Strategy, why: str) -> Advice:
    """Return the advice to keep answers for the shortest time that brings nearly what the longest one does."""
    if case.expected is None:
        return Advice(strategy, f"{why}{changing(case)}; {case.missing}")
    hits = {ttl: rate for ttl, rate in case.expected.hits.items() if ttl in allowed(wanted.stale)}
    ttl = shortest(hits)
    if ttl is None:
        return Advice(strategy, f"{why}; the log is too short to count how often")
    old = case.expected.stale.get(ttl)
    return Advice(
        strategy,
        why + changing(case) + said(old, ttl) + case.expected.caution,
        ttl,
        hits[ttl],
        case.expected.basis,
        old,
    )


def dropped(case: Case, strategy: Strategy, why: str) -> Advice | None:
    """Return the advice to drop answers at each write; None where what is written is not known."""
    if case.writes_per_s is None:
        return None
    if case.expected is None or case.expected.invalidated is None:
        return Advice(strategy, f"{why}; {case.missing}")
    caution = case.expected.caution
    return Advice(strategy, why + caution, LIFETIME, case.expected.invalidated, case.expected.basis, 0.0)


def changing(case: Case) -> str:
    """Return what is to be said of an answer that changes by itself, or with what no text tells."""
    by_itself = f"; its answer changes with {', '.join(sorted(case.time))}: nothing but the time bounds that"
    calls = ", ".join(f"{each}()" for each in sorted(case.opaque))
    untold = f"; what {calls} looks at is not known: if that is who asks, it belongs in the key"
    return (by_itself if case.time else "") + (untold if case.opaque else "")


def said(old: float | None, ttl: float) -> str:
    """Return what is to be said of hits that are older than a write."""
    if old is None:
        return "; how often what it reads is written is not known"
    share = f"{old:.0%}".replace("%", " %")
    return f"; {share} of the hits are older than a write, by {period(ttl)} at most" if old >= 0.005 else ""
