"""Every standby streams from a node of the cluster.

Why: A standby without a WAL receiver gets nothing (or only what is archived), however small its own "receive minus
replay" is: that is the false zero of many a dashboard. What it is told to follow may also be a server that is no part
of this cluster any more.

Instead: Its log says why: the login (pg_hba.conf, password), a slot or WAL that is gone, a network. Then
`pg_reload_conf()` or a restart; where the WAL is gone, a new base backup.

Versions: `pg_stat_wal_receiver` shows its columns to pg_monitor only; a row of NULLs is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.ha.topology import unmatched
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "receiver"
ESSENTIAL = True


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    for node in cluster.standbys:
        if node.receivers is None:
            yield unknown(node, "whether it receives is unknown", "receiver")
        elif not cluster.writers:
            yield skipped(node, "no primary answers that it could receive from")
        else:
            yield _judged(cluster, node)


def _judged(cluster: Cluster, node: Node) -> Outcome:
    status = node.receivers[0].status if node.receivers else None
    ended = node.last is not None and node.last.receiving is False
    if status != "streaming" or ended:
        what = "no WAL receiver" if status is None or ended else f"its WAL receiver is {status}, not streaming"
        return failed(node, f"{what}: it gets nothing", "read its log for the reason; SHOW primary_conninfo")
    upstream = cluster.upstream(node) or _named(cluster, node)
    if upstream is not None:
        return passed(node, f"streams from {upstream.name}")
    receiver = (node.receivers or ())[0]
    place = f"{receiver.sender_host}:{receiver.sender_port}" if receiver.sender_host else "a node"
    answering = [sender for sender in cluster.nodes if sender.answers]
    if cluster.silent or any(each.downstreams is None or unmatched(each, cluster.links) for each in answering):
        return unknown(node, f"streams from {place}, and whether that is one of the nodes can't be told")
    return failed(
        node,
        f"streams from {place}, which is none of the nodes",
        f"name {place} with --node if it belongs to the cluster, else correct primary_conninfo",
    )


def _named(cluster: Cluster, node: Node) -> Node | None:
    """Return the node that the standby itself names as the one it streams from."""
    places = {(receiver.sender_host, receiver.sender_port) for receiver in node.receivers or ()}
    others = (other for other in cluster.nodes if other.name != node.name)
    return next((each for each in others if {(each.host, each.port), (each.address, each.port)} & places), None)
