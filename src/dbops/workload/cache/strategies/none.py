"""No cache.

Fits what can't be answered from an earlier call, or only wrongly: writes, locks, what is random, what is about the
session or the role, what must be as fresh as a queue. And what a cache would not make better: answers that the server
gives as quickly as a cache would, that are too large, asked for too rarely, or cost too little in all.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.results.cache import Basis, Strategy
from dbops.results.figures import period
from dbops.results.progress import duration
from dbops.workload.cache.case import Advice, Case, Obstacle, Wanted
from dbops.workload.cache.thresholds import MOST_ROWS, ROUND_TRIP_MS

RANK = 0


def judge(case: Case, wanted: Wanted) -> Advice | None:
    """Return why a statement is left alone, None for one that may be worth a cache."""
    found = next(_against(case, wanted), None)
    return None if found is None else none(found.kind, found.reason)


def none(kind: str, reason: str) -> Advice:
    """Return the advice to leave a statement alone; ``kind`` is what it is counted as."""
    return Advice(Strategy.NONE, reason, kind=kind)


def _against(case: Case, wanted: Wanted) -> Iterator[Obstacle]:
    if case.counter is not None:
        return
    if case.obstacles:
        yield case.obstacles[0]
    yield from _too_little(case, wanted)
    yield from _too_fresh(case, wanted)


def _too_little(case: Case, wanted: Wanted) -> Iterator[Obstacle]:
    """Yield why an earlier answer would save nothing worth having."""
    if case.mean_ms is not None and case.mean_ms < ROUND_TRIP_MS:
        alone = case.load is not None and case.load >= wanted.least
        within = f"; only a cache within the process would take its {case.load:.2g} ms/s away" if alone else ""
        said = f"it takes {case.mean_ms:.2g} ms: asking a cache takes about as long{within}"
        yield Obstacle("as quick as a cache", said)
    if case.load is not None and case.load < wanted.least:
        yield Obstacle("costs too little", f"all its calls take {case.load:.2g} ms/s: a cache could not save more")
    if case.rows_per_call is not None and case.rows_per_call > MOST_ROWS:
        said = f"its answers have {case.rows_per_call:,.0f} rows each: too large to be kept and sent around"
        yield Obstacle("too large", said)
    counted = case.expected is not None and case.expected.basis is Basis.LOG  # whose hits tell more than an average
    if not counted and case.calls_per_s is not None and 0 < case.calls_per_s * wanted.stale < 1:
        every = duration(1 / case.calls_per_s)
        yield Obstacle("too rare", f"it is called every {every}, and an answer may live {period(wanted.stale)}")


def _too_fresh(case: Case, wanted: Wanted) -> Iterator[Obstacle]:
    """Yield why an earlier answer would be a wrong one.

    A count or a sum that is a few seconds old is about right whatever was written since; a row is not.
    """
    if not wanted.stale and case.time:
        said = f"its answer changes with {', '.join(sorted(case.time))}, and none may be old"
        yield Obstacle("changes by itself", said)
    asked, written = case.calls_per_s, case.writes_per_s
    if asked is None or written is None or written <= asked or case.entity is not None:
        return
    if not case.sums_up or not wanted.stale:
        said = f"what it reads is written {written:,.3g} times a second, and it is asked {asked:,.3g} times"
        yield Obstacle("written more than read", said)
