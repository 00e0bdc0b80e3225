"""Write-behind: the application counts in the cache, and writes the sum to the database every few seconds.

Fits counters that are written often and whose last seconds may be lost: views, clicks, "last seen". Does not fit money,
stock, or whatever is decided by what the counter says: a crash of the cache loses what was not written yet, and the
database is behind by so much.
"""

from __future__ import annotations

from dbops.results.cache import Strategy
from dbops.results.figures import period
from dbops.workload.cache.case import Advice, Case, Wanted
from dbops.workload.cache.ladder import shortest
from dbops.workload.cache.strategies.none import none
from dbops.workload.cache.thresholds import FLUSH_S

RANK = 10


def judge(case: Case, wanted: Wanted) -> Advice | None:
    """Return the advice for a statement that only counts."""
    if case.counter is None:
        return None
    if case.load is not None and case.load < wanted.least:
        return none("costs too little", f"it only counts, and all its calls take {case.load:.2g} ms/s")
    if not wanted.stale:
        return none("can't be cached", f"it counts in {case.counter.table}, and nothing may be old or lost")
    what = f"{', '.join(case.counter.columns)} of {case.counter.table}"
    if case.expected is None:
        return Advice(Strategy.WRITE_BEHIND, f"it only counts {what}: collect and write sums; {case.missing}")
    hits = {ttl: rate for ttl, rate in case.expected.hits.items() if ttl <= FLUSH_S}
    ttl = shortest(hits)
    if ttl is None:
        return Advice(Strategy.WRITE_BEHIND, f"it only counts {what}: collect and write sums; the log is too short")
    return Advice(
        Strategy.WRITE_BEHIND,
        f"it only counts {what}: collect, and write sums every {period(ttl)}; a crash loses so much"
        + case.expected.caution,
        ttl,
        hits[ttl],
        case.expected.basis,
    )
