"""Read-through: the application asks only the cache, which loads what it has not by itself.

Fits a row that several statements look up by the same unique key: the cache knows how to load one by its key, and all
of them share it. Does not fit queries, which a cache can't make up from a key, and a row that one statement alone asks
for gains nothing over cache-aside.
"""

from __future__ import annotations

from dbops.results.cache import Strategy
from dbops.workload.cache.case import Advice, Case, Wanted
from dbops.workload.cache.living import living

RANK = 40


def judge(case: Case, wanted: Wanted) -> Advice | None:
    """Return the advice for a lookup that other statements share."""
    if case.entity is None or case.shared < 2 or not wanted.stale:
        return None
    why = f"{case.shared} statements look up one row by {case.entity_name}: let the cache load it, and all share it"
    return living(case, wanted, Strategy.READ_THROUGH, why)
