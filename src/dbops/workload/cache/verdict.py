"""Which strategy is the one for a statement."""

from __future__ import annotations

from dbops.results.cache import Basis
from dbops.workload.cache.case import Advice, Case, Expected, Wanted
from dbops.workload.cache.ladder import allowed
from dbops.workload.cache.rates import invalidated, stale, with_ttl
from dbops.workload.cache.replay import Replayed
from dbops.workload.cache.strategies import judges
from dbops.workload.cache.strategies.none import none


def advise(case: Case, wanted: Wanted) -> Advice:
    """Return what to do about a statement."""
    proposals = (judge.judge(case, wanted) for judge in judges())
    found = next((each for each in proposals if each is not None), None)
    if found is None:
        return none("not known", "how often what it reads is written is not known, and no answer may be old")
    saved = saving(case, found)
    if saved is not None and saved < wanted.least:
        return none("saves too little", f"{found.strategy.value} would save {saved:.2g} of {case.load or 0:.3g} ms/s")
    return found


def saving(case: Case, advice: Advice) -> float | None:
    """Return the ms of execution a second that go away."""
    return None if advice.hits is None or case.load is None else advice.hits * case.load


def computed(calls: float, writes: float | None, wanted: Wanted) -> Expected:
    """Return what to expect of a statement that is always asked with the same values, by formula."""
    rungs = allowed(wanted.stale)
    return Expected(
        Basis.FORMULA,
        {ttl: with_ttl(calls, ttl) for ttl in rungs},
        {ttl: None if writes is None else stale(writes, ttl) for ttl in rungs},
        None if writes is None else invalidated(calls, writes),
        keys=1,
    )


def counted(replayed: Replayed) -> Expected | None:
    """Return what a log has shown; None where it has the parameters of no call."""
    if replayed.calls == replayed.unknown:
        return None
    return Expected(
        Basis.LOG,
        replayed.hits,
        replayed.stale,
        replayed.invalidated,
        replayed.written,
        replayed.distinct,
        _caution(replayed),
    )


def _caution(replayed: Replayed) -> str:
    if replayed.unknown:
        return f"; of {replayed.unknown:,} of {replayed.calls:,} calls the log has not the parameters"
    if replayed.cut:
        return f"; of {replayed.cut:,} calls parameters are cut off (log_parameter_max_length): it is that rate at most"
    return "; it is asked with so many values that a part of them was followed" if replayed.sampled else ""
