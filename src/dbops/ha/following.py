"""How the nodes would follow a standby that was promoted: who, by what name, with which slot. Pure."""

from __future__ import annotations

from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node, Slot

_NAME_LENGTH = 63
"""Characters of an application_name; the server cuts the rest off (NAMEDATALEN - 1)."""


def followers(cluster: Cluster, candidate: Node) -> tuple[Node, ...]:
    """Return the nodes that would have to follow it: not those that another standby feeds, and goes on feeding."""
    return tuple(node for node in cluster.siblings(candidate) if not _fed_by_another(cluster, node, candidate))


def surely_follows(cluster: Cluster, candidate: Node, node: Node) -> bool:
    """Whether a standby is known to be fed by the candidate, or by what the candidate would take the place of."""
    upstream = told_upstream(cluster, node)
    if upstream is None:
        return False
    if upstream is candidate or upstream.is_primary:
        return True
    return not cluster.writers and not upstream.answers and upstream is told_upstream(cluster, candidate)


def application_name(cluster: Cluster, node: Node) -> str | None:
    """Return the application_name by which the node would follow, None where that isn't known.

    Where its upstream sees it, that is the one; else what primary_conninfo says, or its cluster_name. A primary has no
    primary_conninfo, or an old one.
    """
    row = cluster.row(node)
    if row is not None and row.application is not None:
        return row.application
    if node.upstream is None and not node.is_primary:
        return None
    told = (None if node.upstream is None else node.upstream.application) or node.cluster_name
    return told[:_NAME_LENGTH] if told is not None and told.isascii() else None


def slots_used(cluster: Cluster, node: Node) -> frozenset[str] | None:
    """Return the lasting slots it streams with, or is told to stream with; none is empty, None is unknown."""
    row, upstream = cluster.row(node), cluster.upstream(node)
    if row is None and node.upstream is None:
        return None
    names = {None if node.upstream is None else node.upstream.slot, None if row is None else row.slot}
    slots = upstream.slots if upstream is not None else None
    temporary = {slot.name for slot in slots or () if slot.temporary}
    return frozenset(name for name in names - temporary if name is not None)


def physical_slots(node: Node) -> tuple[Slot, ...]:
    """Return its lasting physical slots; of a node whose slots are unknown, none."""
    return tuple(slot for slot in node.slots or () if not slot.logical and not slot.temporary)


def told_upstream(cluster: Cluster, node: Node) -> Node | None:
    """Return the node of ours that feeds this one, else the one its receiver or its primary_conninfo names."""
    fed = cluster.upstream(node)
    if fed is not None:
        return fed
    places = [(each.sender_host, each.sender_port) for each in node.receivers or ()]
    if node.upstream is not None:
        places.append((node.upstream.host, node.upstream.port))
    named = [each for each in cluster.siblings(node) if _is_at(each, places)]
    return named[0] if len(named) == 1 else None


def _is_at(node: Node, places: list[tuple[str | None, int | None]]) -> bool:
    return any(host is not None and host in {node.host, node.address} and port == node.port for host, port in places)


def _fed_by_another(cluster: Cluster, node: Node, candidate: Node) -> bool:
    upstream = told_upstream(cluster, node)
    return node.is_standby and upstream is not None and upstream.is_standby and upstream is not candidate
