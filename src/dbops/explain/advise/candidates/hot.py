"""Which tables of a plan its time goes to: those alone could be helped by an index. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbops.explain.advise.candidates.instances import Instance
from dbops.results.plan import PlanNode
from dbops.sql.nodes import Relation

NOTICEABLE = 0.05
"""The share of the time or cost below which a table's part isn't worth an index (dbops's own threshold)."""


def hot(found: Sequence[Instance]) -> Mapping[Relation, float]:
    """Return the tables that take a noticeable share themselves, or whose joins, sorts and aggregates do, with it.

    The share is of the measured time or of the cost, whichever is greater: an index is chosen by cost and must save
    time. Of a table that is read several times the shares are added.
    """
    own: dict[Relation, float] = {}
    above: dict[Relation, float] = {}
    for each in found:
        own[each.table] = own.get(each.table, 0.0) + sum(map(_share, each.node.walk()))
        most = max(map(_share, each.above), default=0.0)
        above[each.table] = max(above.get(each.table, 0.0), most)
    shares = {table: min(max(own[table], above[table]), 1.0) for table in own}
    return {table: share for table, share in shares.items() if share >= NOTICEABLE}


def _share(node: PlanNode) -> float:
    measured = node.actual.share if node.actual is not None else None
    return max(measured or 0.0, node.estimate.cost_share)
