"""Patroni's leader is the node that takes writes, and no other does.

Why: Applications are led to whom Patroni calls the leader. When that one is in recovery, nobody takes their writes;
when another writes too, there are two histories, and one will be thrown away. Without a leader there is nothing that a
switchover could begin with. A leader whose Patroni is silent may be hung: its lock expires, a standby is promoted, and
the old one goes on writing beside it.

Instead: `patronictl list`, and the log of Patroni on the members. Of two writers, stop the one that is not the leader
before anything else. A hung Patroni: restart it, or stop its PostgreSQL, before the lock expires.

Source: `GET /cluster`, every member's own `GET /patroni`, and `pg_is_in_recovery()` of the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.patroni_rules import member_of, node_of, rules_of, runs
from dbops.ha.snapshot import Node, Patroni, PatroniMember
from dbops.results.ha import FailureKind, Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "GET /cluster"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the cluster."""
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None:  # patroni-answers says so
        return
    leader = patroni.leader
    if patroni.members_failure is not None:
        yield unknown(None, f"who leads is unknown: GET /cluster gives no members ({patroni.members_failure.message})")
    elif leader is None:
        yield failed(None, "no member holds Patroni's leader lock", "patronictl list; look into Patroni's logs")
    else:
        yield _of(cluster, patroni, leader)


def _of(cluster: Cluster, patroni: Patroni, leader: PatroniMember) -> Outcome:
    node = node_of(cluster, leader)
    others = dict(_others(cluster, patroni, leader))
    writing = ", ".join(name for name, writes in others.items() if writes)
    dubious = ", ".join(name for name, writes in others.items() if writes is None)
    if writing:
        return failed(
            None,
            f"{writing} takes writes, and Patroni's leader is {leader.name}",
            f"stop PostgreSQL on {writing} now, and only then look for what its applications wrote",
        )
    if node is None:
        return unknown(
            None,
            f"Patroni's leader {leader.name} is none of the nodes that were asked",
            remedy=f"name it: --node {quote(f'host={leader.host} port={leader.port}')}",
        )
    if not node.answers or node.in_recovery is None:
        return unknown(None, f"Patroni's leader {leader.name} gives no answer: whether it takes writes is unknown")
    if dubious:
        return unknown(None, f"{leader.name} leads, and whether {dubious} takes writes is unknown: no answer")
    return _of_node(patroni, leader, node)


def _of_node(patroni: Patroni, leader: PatroniMember, node: Node) -> Outcome:
    rules = None if patroni.config is None else rules_of(patroni.config)
    if node.in_recovery:
        if rules is None:
            return unknown(None, f"Patroni's leader {leader.name} is in recovery, and whether it should be is unknown")
        if rules.standby_cluster:
            return passed(None, f"{leader.name} leads this standby cluster, in recovery as it should be")
        return failed(
            None, f"Patroni's leader {leader.name} is in recovery: nobody takes writes", "patronictl list; see its log"
        )
    if leader.failure is not None:
        ttl = "" if rules is None else f", within {rules.ttl} s,"
        return unknown(
            None,
            f"{leader.name} leads and takes writes, and its Patroni gives no answer ({leader.failure.message}): "
            f"if that hangs, another is promoted{ttl} beside it",
            remedy=f"on {leader.name}: systemctl restart patroni; if it stays silent, stop its PostgreSQL",
        )
    planned = patroni.scheduled_switchover
    return passed(
        None, f"{leader.name} leads and takes writes{f'; a switchover is planned: {planned}' if planned else ''}"
    )


def _others(cluster: Cluster, patroni: Patroni, leader: PatroniMember) -> Iterator[tuple[str, bool | None]]:
    """Yield the names of all but the leader, and whether they take writes."""
    leading = node_of(cluster, leader)
    for node in cluster.nodes:
        if node is not leading:
            yield node.name, _writes(cluster, node)
    for member in patroni.members:
        if member is not leader and node_of(cluster, member) is None:
            yield member.name, _says_that_it_writes(member)


def _writes(cluster: Cluster, node: Node) -> bool | None:
    """Where nothing listens nothing writes, and one that another node feeds doesn't either."""
    if node.failure is None:
        return None if node.in_recovery is None else not node.in_recovery
    if node.failure.kind is FailureKind.REFUSED or cluster.link(node) is not None:
        return False
    member = member_of(cluster, node)
    return None if member is None else _says_that_it_writes(member)


def _says_that_it_writes(member: PatroniMember) -> bool | None:
    if not runs(member):
        return False
    return None if member.in_recovery is None else not member.in_recovery
