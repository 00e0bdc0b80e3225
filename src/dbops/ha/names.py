"""What people call a node. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dbops.ha.snapshot import Node, Patroni


def named(nodes: Sequence[Node], patroni: Patroni | None) -> tuple[Node, ...]:
    """Return the nodes, each with a name that no other has.

    That is the one it was given, Patroni's, its cluster_name where no other has the same (Patroni calls the whole
    cluster so), its host where no other has the same, or host:port. A name that was given is that node's alone.
    """
    clusters = Counter(node.cluster_name for node in nodes)
    hosts = Counter(node.host for node in nodes)
    given = {node.name for node in nodes if node.name}
    taken: set[str] = set()
    found = []
    for number, node in enumerate(nodes):
        own = node.cluster_name if clusters[node.cluster_name] == 1 else None
        host = node.host if hosts[node.host] == 1 else None
        found_out = (_of_patroni(node, patroni), own, host, *_last(node, number))
        choices = (node.name, *(each for each in found_out if each not in given))
        name = next(each for each in choices if each and each not in taken)
        taken.add(name)
        found.append(replace(node, name=name))
    return tuple(found)


def _of_patroni(node: Node, patroni: Patroni | None) -> str | None:
    members = () if patroni is None else patroni.members
    places: dict[tuple[str | None, int | None], str] = {
        (member.host, member.port): member.name for member in members if member.host is not None
    }
    return places.get((node.host, node.port)) or places.get((node.address, node.port))


def _last(node: Node, number: int) -> Iterator[str]:
    """Yield names that are free in the end."""
    place = f"{node.host or 'local'}:{node.port}"
    yield place
    yield f"{place}#{number + 1}"
