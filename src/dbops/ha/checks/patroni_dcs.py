"""Patroni's members reach the DCS (etcd, Consul, ZooKeeper or Kubernetes).

Why: The leader lock lives in the DCS. While it can't be reached nobody can be promoted, by Patroni or through it, and
a leader that can't renew its lock makes itself a standby within retry_timeout: then nothing takes writes. failsafe_mode
keeps the leader for as long as it reaches all other members, and still promotes nobody.

Instead: `etcdctl endpoint health --cluster` from the members, and Patroni's logs.

Source: `dcs_last_seen` of every member's own `GET /patroni`, held against that member's clock. Patroni reads the DCS
every loop_wait, and takes up to retry_timeout to notice that one hangs. With a DCS that hangs, `GET /cluster` does too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.patroni_rules import dcs_seen, node_of, rules_of, stale
from dbops.ha.snapshot import Patroni, PatroniMember
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "GET /patroni"

_REMEDY = "etcdctl endpoint health --cluster (or its like), from where Patroni runs"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the cluster by its leader, and every other member that can't reach the DCS while that one does."""
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None:  # patroni-answers says so
        return
    seen = [member for member in patroni.members if member.dcs_age_s is not None]
    gone = [member for member in seen if stale(patroni, member)]
    if gone and (len(gone) == len(seen) or patroni.leader in gone):
        yield failed(None, f"the DCS was last seen {_ages(gone)}: {_means(gone)}", _REMEDY)
        return
    yield _of(patroni, [member for member in seen if member not in gone])
    for member in gone:
        node = node_of(cluster, member)
        weight = Weight.WARNING if node is None else None
        message = f"{member.name} last saw the DCS {dcs_seen(member)}: it can't be promoted"
        yield failed(node, message, _REMEDY, weight=weight)


def _of(patroni: Patroni, seen: Sequence[PatroniMember]) -> Outcome:
    ages = f" {_ages(seen)}" if seen else " at an unknown time"
    if patroni.members_failure is not None:
        message = f"whether the DCS can be reached is unknown: GET /cluster reads it, and fails; it was last seen{ages}"
        return unknown(None, message, remedy=_REMEDY)
    if not seen or (patroni.leader is not None and patroni.leader not in seen):
        return unknown(None, f"whether the leader reaches the DCS is unknown; it was last seen{ages}")
    rules = rules_of(patroni.config or {})
    late = [each for each in seen if (each.dcs_age_s or 0) > rules.loop_wait + rules.retry_timeout]
    if late and patroni.config is not None:
        message = f"the DCS was last seen {_ages(late)}, and is read every {rules.loop_wait} s"
        return failed(None, message, _REMEDY, weight=Weight.WARNING)
    return passed(None, f"the DCS was last seen{ages}")


def _ages(members: Sequence[PatroniMember]) -> str:
    return ", ".join(f"{dcs_seen(member)} by {member.name}" for member in members)


def _means(gone: Sequence[PatroniMember]) -> str:
    if any(member.failsafe_active for member in gone):
        return "failsafe_mode keeps the leader, and nobody can be promoted"
    return "nobody can be promoted, and the leader makes itself a standby"
