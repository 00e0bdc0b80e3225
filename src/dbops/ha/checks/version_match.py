"""A standby runs the primary's version of PostgreSQL.

Why: Replication works within a major version alone. A standby with an older minor version brings mended bugs back when
it is promoted, and may not be able to replay what a newer primary writes. One with a newer minor version is what an
update looks like halfway, and the better of the two.

Instead: Update standbys first, then switch over, then update the old primary; don't stop halfway.

Source: https://www.postgresql.org/docs/current/warm-standby.html#STANDBY-PLANNING
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import beside
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "identity"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    return beside(cluster, _judged)


def _judged(primary: Node, node: Node) -> Outcome:
    if primary.version is None or node.version is None:
        return unknown(node, "its version is unknown" if node.version is None else "the primary's version is unknown")
    own, wanted = _shown(node.version), _shown(primary.version)
    if node.major != primary.major:
        message = f"{own}, the primary {wanted}: replication works within a major version alone"
        return failed(node, message, "make it anew with the primary's version")
    if node.version < primary.version:
        message = f"{own} is older than the primary's {wanted}: mended bugs come back, and replay may fail"
        return failed(node, message, f"update {node.name} to {wanted}", weight=Weight.WARNING)
    if node.version > primary.version:
        message = f"{own} is newer than the primary's {wanted}: an update halfway"
        return failed(node, message, f"switch over, then update {primary.name} to {own}", weight=Weight.WARNING)
    return passed(node, own)


def _shown(version: int) -> str:
    return f"{version // 10000}.{version % 10000}"
