"""Cache-aside: the application asks the cache, and on a miss the database, and puts the answer into the cache.

Fits answers that may be a little old, or whose writes the application knows: lists, pages, settings, small reports.
Does not fit what must show every write at once (two programs may put an older answer in after a newer one was dropped),
and leaves it to each caller to do it right.
"""

from __future__ import annotations

from dbops.results.cache import Strategy
from dbops.workload.cache.case import Advice, Case, Wanted
from dbops.workload.cache.living import dropped, living
from dbops.workload.cache.thresholds import NOTICED_MS

RANK = 50


def judge(case: Case, wanted: Wanted) -> Advice | None:
    """Return the advice; it fits whatever nothing stands against."""
    if not wanted.stale:
        return dropped(case, Strategy.CACHE_ASIDE, "drop the answer at each write of what it reads")
    return living(case, wanted, Strategy.CACHE_ASIDE, f"an earlier answer would do{_no_view(case)}")


def _no_view(case: Case) -> str:
    """Return why a query that people wait for has no view, if that is so: a cache lets the first one wait."""
    if not case.sums_up or case.mean_ms is None or case.mean_ms < NOTICED_MS:
        return ""
    view = case.view()
    return f" (no materialised view gives the same: {view})" if isinstance(view, str) else ""
