"""Nodes that nobody named: those that the nodes that answer know of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Failure, Node
from dbops.ha.topology import Link, standbys, unmatched
from dbops.results.ha import FailureKind


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a node may be. A ``guess`` knows an address and takes the port of the node that told it."""

    host: str
    port: int
    origin: str
    guess: bool


def leads(nodes: Iterable[Node]) -> Iterator[Lead]:
    """Yield where the upstreams of standbys are, and where the standbys of senders may be."""
    for node in nodes:
        for receiver in node.receivers or ():
            if receiver.sender_host and receiver.sender_port:
                yield _upstream(node, receiver.sender_host, receiver.sender_port, "upstream")
        told = node.upstream
        if node.is_standby and told is not None and told.host and told.port and not node.receivers:
            yield _upstream(node, told.host, told.port, "primary_conninfo")
        for row in standbys(node):
            if row.address is not None and node.port is not None:
                yield Lead(row.address, node.port, f"standby of {node.name or node.host}", guess=True)


def _upstream(node: Node, host: str, port: int, how: str) -> Lead:
    """Return where a standby's upstream is: what is local to its machine is so to ours only if we are there."""
    origin = f"{how} of {node.name or node.host}"
    if _is_local(host) and node.host is not None and not _is_local(node.host):
        return Lead(node.host, port, origin, guess=True)
    return Lead(host, port, origin, guess=False)


def _is_local(host: str) -> bool:
    return host.startswith(("/", "@", "127.")) or host in {"localhost", "::1"}


def without_strays(nodes: Sequence[Node], guesses: Iterable[tuple[str, int]]) -> tuple[Node, ...]:
    """Return the nodes without the guesses that led to no server, or to one of another system."""
    guessed = set(guesses)
    systems = {node.system_identifier for node in nodes if (node.host, node.port) not in guessed} - {None}
    return tuple(
        node
        for node in nodes
        if (node.host, node.port) not in guessed or (node.answers and node.system_identifier in systems)
    )


def without_twins(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return each server once: one that was reached by several addresses is the first of them."""
    found: dict[object, Node] = {}
    for number, node in enumerate(nodes):
        found.setdefault(number if node.server is None else node.server, node)
    return tuple(found.values())


def with_unseen(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes, and those that a sender feeds and that nobody asked."""
    return (*nodes, *_unseen(nodes, Cluster(tuple(nodes)).links))


def _unseen(nodes: Sequence[Node], links: Sequence[Link]) -> Iterator[Node]:
    taken = {node.name for node in nodes}
    for sender in nodes:
        for row in unmatched(sender, links):
            called = row.application or row.address or f"pid {row.pid}"
            names = (called, f"{called}@{row.address or sender.name}", f"{called}@{sender.name}:{row.pid}")
            name = next(each for each in names if each not in taken)
            taken.add(name)
            failure = Failure(FailureKind.UNSEEN, f"{sender.name} feeds it, and it was not asked: name it with --node")
            yield Node(name=name, host=row.address, origin=f"pg_stat_replication of {sender.name}", failure=failure)
