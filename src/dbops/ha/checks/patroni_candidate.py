"""Patroni would let the standby lead.

Why: A standby that looks fit in PostgreSQL is none for Patroni when it is tagged nofailover (or failover_priority 0),
lags by more than maximum_lag_on_failover, is not synchronous in synchronous_mode, lacks the watchdog that it requires,
or can't reach the DCS. Patroni then neither promotes it by itself nor accepts it as the candidate of a switchover.

Instead: `patronictl show-config` and the tags in the member's patroni.yml (`patronictl reload SCOPE MEMBER`); choose
another candidate. A restart that is pending is done before a switchover: `patronictl restart SCOPE MEMBER --pending`.

Source: `GET /cluster`, `GET /config`, the member's own `GET /patroni`, and Patroni 4.1's leader race. A POST to
/switchover or /failover that names a member tagged nofailover is refused with status 412.
"""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from dbops.ha.automatic import automatic
from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.patroni_rules import member_of, standing
from dbops.ha.snapshot import Node, Patroni, PatroniMember
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "GET /patroni"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None:  # patroni-answers says so
        return
    preferred = automatic(cluster)
    for node in cluster.standbys:
        member = member_of(cluster, node)
        if member is None:
            yield unknown(node, "which of Patroni's members this is, is unknown")
        elif member is not patroni.leader:
            yield _of(patroni, member, node, None if preferred is None else preferred.chooses)
            yield from _restart(patroni, member, node)


def _of(patroni: Patroni, member: PatroniMember, node: Node, preferred: str | None) -> Outcome:
    stands = standing(patroni, member)
    if stands.against:
        return failed(node, f"Patroni does not let it lead: {'; '.join(stands.against)}", _remedy(patroni, member))
    if stands.unknown:
        return unknown(node, f"whether Patroni would let it lead is unknown: {'; '.join(stands.unknown)}")
    if preferred == member.name:
        return passed(node, "Patroni would choose it")
    return passed(node, f"Patroni would let it lead{f', and would choose {preferred}' if preferred else ''}")


def _remedy(patroni: Patroni, member: PatroniMember) -> str:
    scope = quote(patroni.scope or "SCOPE")
    return f"patronictl list {scope}; patronictl show-config {scope}\nsee the tags of {member.name} in its patroni.yml"


def _restart(patroni: Patroni, member: PatroniMember, node: Node) -> Iterator[Outcome]:
    if member.pending_restart:
        yield failed(
            node,
            "Patroni waits for a restart of it: some settings don't hold yet",
            f"patronictl restart {quote(patroni.scope or 'SCOPE')} {quote(member.name)} --pending",
            weight=Weight.WARNING,
        )
