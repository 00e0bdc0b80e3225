"""Which node feeds which: rows of ``pg_stat_replication`` matched with the nodes that they are about. Pure.

A row doesn't say which server it feeds. It is matched by the slot, then by the application_name, then by the address,
and only where one node alone fits: a wrong match would vouch for the wrong server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from dbops.ha.snapshot import Downstream, Node
from dbops.results.ha import FailureKind


@dataclass(frozen=True, slots=True)
class Link:
    """``upstream`` feeds ``downstream``, both names of nodes, as the upstream's ``row`` shows it."""

    upstream: str
    downstream: str
    row: Downstream


Fits = Callable[[Node, Downstream], bool]


def links_of(nodes: Sequence[Node]) -> tuple[Link, ...]:
    """Return who feeds whom, each node fed by one at most."""
    found: dict[str, Link] = {}
    for fits in (_by_slot, _by_application, _by_address):
        for sender in sorted(nodes, key=lambda node: not node.is_primary):
            for link in _matched(sender, nodes, fits, found):
                known = found.get(link.downstream)
                if known is None or (_says_so(link, nodes) and not _says_so(known, nodes)):
                    found[link.downstream] = link
    return tuple(found.values())


def unmatched(sender: Node, links: Sequence[Link]) -> tuple[Downstream, ...]:
    """Return the sender's rows of physical standbys that are none of the nodes."""
    known = {link.row.pid for link in links if link.upstream == sender.name}
    return tuple(row for row in standbys(sender) if row.pid not in known)


def standbys(sender: Node) -> tuple[Downstream, ...]:
    """Return the rows of those that stream physically, or catch up.

    A base backup, a subscriber, and what only stores WAL (pg_receivewal, Barman: it replays nothing) are none.
    """
    streaming = (row for row in sender.downstreams or () if row.state in {"streaming", "catchup"})
    return tuple(row for row in streaming if not row.logical and row.replayed is not None)


def _matched(sender: Node, nodes: Sequence[Node], fits: Fits, found: dict[str, Link]) -> Iterator[Link]:
    taken = {link.row.pid for link in found.values() if link.upstream == sender.name}
    for row in standbys(sender):
        if row.pid in taken:
            continue
        candidates = [node for node in nodes if node.name != sender.name and _may_follow(node, sender)]
        fitting = [node for node in candidates if fits(node, row)]
        if len(fitting) == 1:
            yield Link(sender.name, fitting[0].name, row)


def _may_follow(node: Node, sender: Node) -> bool:
    """Whether the node may be one that the sender feeds: a standby of the same system, or one that is silent."""
    if not node.answers:
        return True
    return node.is_standby and node.system_identifier == sender.system_identifier


def _by_slot(node: Node, row: Downstream) -> bool:
    slots = {receiver.slot for receiver in node.receivers or ()} - {None}
    return row.slot is not None and row.slot in slots


def _by_application(node: Node, row: Downstream) -> bool:
    if not node.answers:
        return row.application == node.name and not _elsewhere(node, row)
    named = node.upstream.application if node.upstream is not None else None
    return row.application is not None and row.application == (named or node.cluster_name)


def _by_address(node: Node, row: Downstream) -> bool:
    """What comes from the machine of a node that is silent may be something else that runs there.

    One that nobody asked is known by its row alone, and is what the row is about.
    """
    vouched = node.failure is None or node.failure.kind is FailureKind.UNSEEN
    return vouched and row.address is not None and row.address in {node.address, node.host}


def _elsewhere(node: Node, row: Downstream) -> bool:
    """Whether the row comes from another address than the node's: a copied cluster_name makes namesakes."""
    try:
        ours, theirs = ip_address(node.host or ""), ip_address(row.address or "")
    except ValueError:
        return False
    return ours.version == theirs.version and not (ours.is_loopback or theirs.is_loopback) and ours != theirs


def _says_so(link: Link, nodes: Sequence[Node]) -> bool:
    """Whether the receiving node itself names the sender, by port and, where that is comparable, by host."""
    by_name = {node.name: node for node in nodes}
    sender, receiving = by_name[link.upstream], by_name[link.downstream]
    return any(
        receiver.sender_port == sender.port and receiver.sender_host in {sender.host, sender.address}
        for receiver in receiving.receivers or ()
    )
