"""Every node answers.

Why: Of a node that does not answer nothing is known: not whether it would follow, not whether it holds more than the
candidate. One that nobody could name is missing in every other check.

Instead: The reason says where to look: nothing listens (the server is down), no answer in time (it hangs, or a firewall
drops packets), the name, the login, TLS.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.results.ha import FailureKind, Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "identity"

_REMEDIES = {
    FailureKind.TIMEOUT: "see whether it hangs, and whether a firewall drops packets to {place}",
    FailureKind.NAME: "correct the name, or the resolver of this machine",
    FailureKind.LOGIN: "check user, password (.pgpass is read too), database and pg_hba.conf of {place}",
    FailureKind.TLS: "check sslmode and the certificates of {place}",
    FailureKind.STARTING: "wait until it has started; its log says how far it is",
    FailureKind.FULL: "end sessions that aren't needed there; pg_monitor may have reserved_connections from 16 on",
    FailureKind.UNSEEN: "name it with --node, or in ha.nodes",
}


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node."""
    for node in cluster.nodes:
        if node.failure is None:
            yield passed(node, "answers")
        elif node.failure.kind is FailureKind.REFUSED:
            yield failed(node, f"down: {node.failure.message}", f"start it, or see whether {_place(node)} is right")
        else:
            remedy = _REMEDIES.get(node.failure.kind, "ask again, and look into the log of {place}")
            yield unknown(node, node.failure.message, remedy=remedy.format(place=_place(node)))


def _place(node: Node) -> str:
    return node.name if node.host is None else f"{node.host}:{node.port}" if node.port else node.host
