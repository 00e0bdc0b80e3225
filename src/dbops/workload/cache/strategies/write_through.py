"""Write-through: whoever writes a row writes it to the cache as well, in the same step, so that reads never see less.

Fits a row that is looked up by a unique key and written by it, more often read than written, where no old answer may be
shown, or a time to live would show mostly old ones. Does not fit rows that something writes which does not go through
the cache (a job, a trigger, another service): such a write is seen only when the answer's time is over.
"""

from __future__ import annotations

from dbops.results.cache import Strategy
from dbops.workload.cache.case import Advice, Case, Wanted
from dbops.workload.cache.ladder import LIFETIME, shortest
from dbops.workload.cache.thresholds import MOSTLY

RANK = 30


def judge(case: Case, wanted: Wanted) -> Advice | None:
    """Return the advice for a lookup of a row that is written by the same key."""
    if case.entity is None or not case.entity_writes or case.calls_per_s is None:
        return None
    if case.entity_writes >= case.calls_per_s or case.time:
        return None
    if wanted.stale and not _mostly_stale(case):
        return None
    why = "no answer may be old" if not wanted.stale else "a time to live would show mostly old answers"
    said = (
        f"one row by {case.entity_name}, which is written by that key too: write it to the cache with it, since {why}"
    )
    if case.expected is None or case.expected.written is None:
        return Advice(Strategy.WRITE_THROUGH, f"{said}; {case.missing}")
    return Advice(
        Strategy.WRITE_THROUGH, said + case.expected.caution, LIFETIME, case.expected.written, case.expected.basis, 0.0
    )


def _mostly_stale(case: Case) -> bool:
    if case.expected is None:
        return False
    ttl = shortest(case.expected.hits)
    stale = None if ttl is None else case.expected.stale.get(ttl)
    return stale is not None and stale > MOSTLY
