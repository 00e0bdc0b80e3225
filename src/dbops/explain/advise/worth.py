"""Whether there is anything for an index to save. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbops.explain.advise.facts import Facts
from dbops.results.plan import Plan
from dbops.sql.nodes import Relation

FEW_BLOCKS = 50
"""Blocks that a run touches below which nothing is worth an index (Joe ignores sequential scans of fewer)."""
LITTLE_COST = 50.0
"""The same as a cost: fifty sequential pages."""
FEW_PAGES = 10
"""Pages below which a table is read as fast whole (dbops's own threshold)."""
MOST_ROWS = 0.5
"""The share of a table from which reading it through an index is reading it all: no index helps there."""


def too_cheap(plan: Plan) -> str | None:
    """Say why the query as a whole costs too little, None where it costs enough."""
    buffers = plan.root.buffers
    if plan.analyzed and buffers is not None:
        touched = buffers.touched + buffers.temp_read
        few = touched < FEW_BLOCKS
        return f"the query touches {touched} blocks: no index would save anything to speak of" if few else None
    cost = plan.root.estimate.total_cost
    if cost < LITTLE_COST:
        return f"the query's cost is {cost:.2f}: no index would save anything to speak of"
    return None


def large_enough(shares: Mapping[Relation, float], facts: Facts) -> Mapping[Relation, float]:
    """Leave out the tables that are tiny; one whose size nobody knows stays."""
    return {
        table: share
        for table, share in shares.items()
        if (pages := facts.table(table).pages) is None or pages >= FEW_PAGES
    }


def never_analyzed(tables: Iterable[Relation], facts: Facts) -> tuple[Relation, ...]:
    """Return the tables that have no statistics, so that costs with and without an index are guesses."""
    return tuple(table for table in tables if facts.table(table).rows is None)
