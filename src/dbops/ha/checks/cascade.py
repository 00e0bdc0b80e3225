"""Standbys that another standby feeds are known.

Why: A cascading standby keeps its upstream. Where that is the one to be promoted, nothing changes for it; where another
is, it depends on its upstream following that one. If it is promoted itself, its upstream may have received more than
it has, and then can't follow it.

Instead: Promote the upstream rather than the cascading standby, and make the upstream follow first. Where the upstream
doesn't answer, see to it first, or let the standby follow the primary (`primary_conninfo`).

Source: tried on 13, 15 and 18: a cascading standby stays connected through its upstream's promotion and follows to the
new timeline.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.following import told_upstream
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "downstreams"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby, also those that only their upstream can see."""
    for node in cluster.nodes:
        upstream = cluster.upstream(node)
        if upstream is not None and upstream.is_standby:
            yield _cascades(node, upstream)
        elif upstream is not None:
            yield passed(node, f"the primary {upstream.name} feeds it")
        elif node.is_standby:
            yield _unfed(cluster, node)


def _cascades(node: Node, upstream: Node) -> Outcome:
    return failed(
        node,
        f"{upstream.name}, a standby, feeds it: it follows whomever {upstream.name} follows",
        f"promote {upstream.name} rather than {node.name}, or see that {upstream.name} follows whom you promote",
        weight=Weight.INFO,
    )


def _unfed(cluster: Cluster, node: Node) -> Outcome:
    if not cluster.writers:
        return skipped(node, "no primary answers: whether it followed the primary or a standby can't be told")
    told = told_upstream(cluster, node)
    if told is not None and not told.answers:
        return failed(
            node,
            f"{told.name}, which it is told to follow, gives no answer",
            f"see to {told.name}, or let {node.name} follow the primary (primary_conninfo)",
        )
    if node.receivers == ():
        return skipped(node, "nothing feeds it")
    return unknown(node, "who feeds it is unknown", "receiver" if node.receivers is None else None)
