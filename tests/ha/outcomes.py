"""What a check says, for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dbops.ha.check import Outcome
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Failure, Node
from dbops.results.ha import FailureKind, Status
from ha.clusters import healthy, standby

Examine = Callable[[Cluster], Iterable[Outcome]]


def only(examine: Examine, cluster: Cluster, node: str | None = None) -> Outcome:
    """Return the one thing a check says of a node, or (None) of the cluster."""
    (outcome,) = [each for each in examine(cluster) if each.node == node]
    return outcome


def statuses(examine: Examine, cluster: Cluster) -> dict[str | None, Status]:
    """Return a check's status by node."""
    return {each.node: each.status for each in examine(cluster)}


def silent(name: str = "n1") -> Node:
    """Return a node that gives no answer."""
    return Node(name=name, host=name, port=5432, failure=Failure(FailureKind.TIMEOUT, "no answer within 5 s"))


def without_primary() -> Cluster:
    """Return the healthy cluster, whose primary gives no answer."""
    return Cluster((silent("n1"), standby("n2"), standby("n3")))


def without_facts() -> Cluster:
    """Return a cluster of which the roles are known, and nothing else."""
    return Cluster(tuple(Node(name=each.name, in_recovery=each.in_recovery) for each in healthy().nodes))
