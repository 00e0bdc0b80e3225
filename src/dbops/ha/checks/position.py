"""Every node says where it stands in the WAL.

Why: What a failover loses, and which standby has the most, is arithmetic over these positions. Without them there is
no verdict.

Instead: A standby gives its positions to any role. One that has just started, and has replayed nothing yet, has none:
ask again.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "positions"
ESSENTIAL = True


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node that answers."""
    for node in (*cluster.writers, *cluster.standbys):
        last = node.last
        place = None if last is None else (last.received if node.is_standby else last.written)
        if place is None:
            yield unknown(node, "where it stands in the WAL is unknown", remedy="ask again")
        elif node.is_standby and cluster.primary is not None and cluster.lag(node).bytes is None:
            yield unknown(node, "how far it is behind can't be told: its position isn't comparable with the primary's")
        else:
            yield passed(node, "says where it stands")
