"""A materialised view: the database keeps the sums, and computes them anew every so often rather than at each call.

Fits reports: much is read, few rows come back, people wait for it, and it is asked for more often than it has to be
computed anew. One view has the answers for all values of ``column = $n``. Does not fit what must be of this moment, and
what is computed more cheaply than the view: REFRESH reads everything, and CONCURRENTLY, which lets readers go on, also
compares it with what was there.
"""

from __future__ import annotations

from dbops.results.cache import Strategy
from dbops.results.figures import period
from dbops.workload.cache.case import Advice, Case, Wanted
from dbops.workload.cache.living import changing, said
from dbops.workload.cache.rates import stale
from dbops.workload.cache.thresholds import NOTICED_MS

RANK = 20
_FEWEST = 2.0
"""Calls for each refresh: with fewer it saves less than it costs."""
_ALL_VALUES = "; a refresh computes it for all values, also for those that nobody asks with"


def judge(case: Case, wanted: Wanted) -> Advice | None:
    """Return the advice for a query that sums up and that people wait for, where a view gives the same."""
    if not case.sums_up or not wanted.stale or case.mean_ms is None or case.mean_ms < NOTICED_MS:
        return None
    view = case.view()
    if isinstance(view, str) or case.calls_per_s is None:
        return None
    if case.parameters and case.expected is None:
        return Advice(Strategy.MATERIALIZED_VIEW, f"one view has the answers for all values; {case.missing}", view=view)
    # A refresh computes what one call does, as often as there are values that it is asked with, and more for others.
    each = (case.expected.keys if case.parameters and case.expected is not None else None) or 1
    runs = each / wanted.stale / case.calls_per_s
    takes_s = each * case.mean_ms / 1000
    if runs * _FEWEST > 1 or takes_s >= wanted.stale:
        return None
    every, old = period(wanted.stale), None if case.writes_per_s is None else stale(case.writes_per_s, wanted.stale)
    return Advice(
        Strategy.MATERIALIZED_VIEW,
        f"it sums up for {case.mean_ms:,.0f} ms: refresh a view every {every}, or when its tables were written"
        + (_ALL_VALUES if case.parameters else "")
        + changing(case)
        + said(old, wanted.stale),
        wanted.stale,
        1 - runs,
        None if case.expected is None else case.expected.basis,
        old,
        view,
    )
