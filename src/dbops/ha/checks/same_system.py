"""All nodes are copies of one system.

Why: A node with another system identifier was made by its own initdb: it can never follow, and its positions mean
nothing here. A DSN that leads to the wrong cluster shows up like this.

Instead: Name the nodes of one cluster. A standby is made by pg_basebackup, never by initdb and a restored dump.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "identity"
ESSENTIAL = True


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby against the primary, or against what most of them are."""
    answering = [node for node in cluster.nodes if node.answers]
    known = Counter(node.system_identifier for node in answering if node.system_identifier is not None)
    if len(answering) < 2:
        yield skipped(None, "fewer than two nodes answer")
        return
    primary = cluster.primary
    wanted = primary.system_identifier if primary is not None else max(known, key=known.__getitem__, default=None)
    for node in answering:
        if node.system_identifier is None or wanted is None:
            yield unknown(node, "its system identifier is unknown")
        elif node.system_identifier != wanted:
            yield failed(
                node,
                f"it belongs to another system ({node.system_identifier}, not {wanted})",
                "name the nodes of one cluster",
            )
        else:
            yield passed(node, "of the same system")
