"""The nodes as the result has them. Pure."""

from __future__ import annotations

from dbops.ha.cluster import Cluster
from dbops.ha.lag import Lag
from dbops.ha.snapshot import Node
from dbops.results.ha import FailureKind, HaNode, LagSample


def shown(cluster: Cluster, *, history: bool, probe: bool) -> tuple[HaNode, ...]:
    """Return primaries first, then each standby behind the one that feeds it, then those nobody is known to feed."""
    ordered = _ordered(cluster)
    return tuple(_node(cluster, node, history=history, probe=probe) for node in ordered)


def _ordered(cluster: Cluster) -> list[Node]:
    ordered: list[Node] = []

    def add(node: Node) -> None:
        if node not in ordered:
            ordered.append(node)
            for each in sorted(cluster.fed_by(node), key=lambda fed: fed.name):
                add(each)

    roots = [node for node in cluster.nodes if cluster.link(node) is None]
    for node in sorted(roots, key=lambda root: (not root.is_primary, not root.answers, root.name)):
        add(node)
    for node in cluster.nodes:
        add(node)
    return ordered


def _node(cluster: Cluster, node: Node, *, history: bool, probe: bool) -> HaNode:
    lag = cluster.lag(node) if node.is_standby else Lag()
    row, upstream = cluster.row(node), cluster.upstream(node)
    return HaNode(
        name=node.name,
        host=node.host,
        port=node.port,
        role=_role(cluster, node),
        state=_state(cluster, node),
        timeline=node.timeline,
        version=node.version_text,
        lag_bytes=lag.bytes,
        lag_seconds=lag.seconds if probe or lag.bytes == 0 else None,
        sync_state=None if row is None else row.sync_state,
        slot=_slot(cluster, node),
        upstream=None if upstream is None else upstream.name,
        uptime_seconds=node.uptime_s,
        seen_s=node.answered_s,
        error=None if node.failure is None else node.failure.message,
        history=tuple(LagSample(round(at, 3), behind) for at, behind in lag.history) if history else (),
    )


def _slot(cluster: Cluster, node: Node) -> str | None:
    """Return the slot a standby streams through, "" where it is known to have none."""
    if node.receivers:
        return node.receivers[0].slot or ""
    row = cluster.row(node)
    return None if row is None else row.slot or ""


def _role(cluster: Cluster, node: Node) -> str | None:
    if node.answers:
        return "primary" if node.is_primary else "standby"
    return None if cluster.link(node) is None else "standby"


def _state(cluster: Cluster, node: Node) -> str:
    if node.failure is not None:
        return "down" if node.failure.kind is FailureKind.REFUSED else "unknown"
    if node.is_primary:
        return "running"
    if node.receivers is None:
        return "unknown"
    if not node.receivers or node.receivers[0].status != "streaming":
        return "not streaming"
    row = cluster.row(node)
    return "catchup" if row is not None and row.state == "catchup" else "streaming"
