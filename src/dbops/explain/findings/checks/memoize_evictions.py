"""A join's cache of inner rows was too small for its keys.

Why: Memoize keeps the rows of each key, so that a key that comes again costs nothing. Where there is no room for all of
them, keys are dropped and their rows looked up once more.

Instead: The work_mem that is named here, for this query or its role; the cache may take `hash_mem_multiplier` times as
much (2 since 15, 1 before).

Source: dbops's own: over 10 % of the keys that were looked up were dropped again (or were too large to be kept at all).
What is needed is what the cache took, scaled to all keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbops.explain.findings import memory
from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.joins import LOST, lost
from dbops.explain.findings.trees import feeding, figure, processes
from dbops.explain.findings.words import counted, cut, share
from dbops.results.lint import Severity
from dbops.results.plan import PlanNode

SEVERITY = Severity.WARNING
_TABLE = """\
-- setup: CREATE TABLE sales AS SELECT i AS id, i * 31 % 2000 AS shop FROM generate_series(1, 40000) AS i
-- setup: CREATE TABLE shops AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 2000) AS i
-- setup: CREATE INDEX ON shops (id)
-- setup: ANALYZE sales, shops
-- set: max_parallel_workers_per_gather = 0
-- set: enable_hashjoin = off
-- set: enable_mergejoin = off
"""
BAD = after(
    _TABLE,
    "-- pg: 14\n-- set: work_mem = '64kB'\nSELECT s.id, h.name FROM sales s JOIN shops h ON h.id = s.shop",
)
GOOD = after(
    _TABLE,
    "-- set: work_mem = '4MB'\nSELECT s.id, h.name FROM sales s JOIN shops h ON h.id = s.shop",
)


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each cache that had to drop many of its keys."""
    for node in subject.plan.nodes():
        if node.kind == "Memoize" and node.ran and lost(node) >= LOST and subject.worth(feeding(node)):
            yield _found(subject, node)


def _found(subject: Subject, node: PlanNode) -> Found:
    said = processes(node, "Cache Misses")
    hits, misses, evictions, overflows = (
        sum(figure(each, f"Cache {what}") for each in said) for what in ("Hits", "Misses", "Evictions", "Overflows")
    )
    spent = subject.spent(feeding(node))
    return Found(
        node,
        f"drops {share(lost(node), 1)} of the keys that it looks up from its cache: "
        f"{memory.shown(subject, hashed=True)} is too small",
        f"{counted(hits, 'hit')}, {counted(misses, 'miss', 'misses')}, {counted(evictions, 'eviction')}, "
        f"{counted(overflows, 'overflow')}; key {cut(node.text('Cache Key'), 60)}",
        memory.remedy(subject, max(map(_needed, said)), hashed=True),
        # At most each key that was dropped was looked up for a second time.
        None if spent is None else spent * lost(node),
    )


def _needed(said: dict[str, Any]) -> float:
    misses, evicted = figure(said, "Cache Misses"), figure(said, "Cache Evictions")
    return figure(said, "Peak Memory Usage") * misses / max(misses - evicted, 1.0)
