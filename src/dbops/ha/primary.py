"""The primary as what standbys are held against, and who speaks for it where there is none. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dbops.ha.check import Outcome, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node


def absence(cluster: Cluster) -> str:
    """Return why there is no primary to hold a standby against."""
    return "there is more than one primary" if len(cluster.writers) > 1 else "no primary answers"


def untold(cluster: Cluster, node: Node | None = None) -> Outcome:
    """What needs the primary can't be told; all such checks say it in the same words, and are shown as one."""
    return unknown(node, f"{absence(cluster)}, so that nothing can be compared with it")


def beside(cluster: Cluster, judge: Callable[[Node, Node], Outcome]) -> Iterator[Outcome]:
    """Yield what ``judge`` says of the primary and each standby; without a primary that it can't be told."""
    for node in cluster.standbys:
        yield untold(cluster, node) if cluster.primary is None else judge(cluster.primary, node)


def witnesses(cluster: Cluster) -> tuple[Node, ...]:
    """Return the nodes to ask about what is replicated: the primaries, or without any each standby."""
    return cluster.writers or cluster.standbys
