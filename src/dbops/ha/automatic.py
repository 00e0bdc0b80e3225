"""What Patroni would do by itself if its leader were lost now: is anything armed, and whom would it choose? Pure.

Source: the leader race of Patroni 4.1 (``ha.py``, ``_is_healthiest_node``): of the members that may lead, one defers to
another that has more WAL, and at the same position to one of a higher failover_priority. Which of several equal ones
takes the lock is a race.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dbops.ha.cluster import Cluster
from dbops.ha.patroni_rules import dcs_seen, priority, rules_of, stale, standing
from dbops.ha.snapshot import Patroni, PatroniMember
from dbops.results.ha import Automatic

MANAGER = "Patroni"


def automatic(cluster: Cluster) -> Automatic | None:
    """Return what Patroni would do, None where it was not asked."""
    patroni = cluster.patroni
    if patroni is None:
        return None
    leader = None if patroni.leader is None else patroni.leader.name
    if reason := _dark(patroni):
        return Automatic(MANAGER, None, leader, None, reason)
    if patroni.paused:
        return Automatic(MANAGER, False, leader, None, "it is paused, and promotes nobody by itself")
    return _race(patroni, leader)


def _dark(patroni: Patroni) -> str | None:
    """Return why nothing can be told, None when something can."""
    if patroni.failure is not None:
        return f"its REST API gives no answer: {patroni.failure.message}"
    if patroni.members_failure is not None:
        return f"GET /cluster gives no members: {patroni.members_failure.message}{_last_seen(patroni.members)}"
    if patroni.leader is None:
        return "no member holds the leader lock"
    if stale(patroni, patroni.leader):
        return f"the leader can't reach the DCS{_last_seen([patroni.leader])}"
    return "whether it is paused is unknown" if patroni.paused is None else None


def _race(patroni: Patroni, leader: str | None) -> Automatic:
    """Return who may lead, and whom the rules prefer."""
    racing = [(member, standing(patroni, member)) for member in patroni.members if member.name != leader]
    fit = [member for member, stands in racing if stands.fit]
    dubious = [(member, stands.unknown[0]) for member, stands in racing if not stands.against and stands.unknown]
    if not racing:
        return Automatic(MANAGER, False, leader, None, "there is no member but the leader")
    if not fit and not dubious:
        because = "; ".join(f"{member.name}: {stands.against[0]}" for member, stands in racing)
        return Automatic(MANAGER, False, leader, None, f"no member may lead: {because}")
    doubts = "; ".join(f"{member.name}: {why}" for member, why in dubious)
    if not fit:
        return Automatic(MANAGER, None, leader, None, f"whether any member may lead is unknown: {doubts}")
    if dubious:
        return Automatic(MANAGER, True, leader, None, f"{_names(fit)} may lead; unknown is {doubts}")
    chosen, reason = _chosen(fit)
    delay = "" if patroni.config is None else f", {rules_of(patroni.config).ttl} s after the leader was last heard"
    return Automatic(MANAGER, True, leader, chosen, f"{reason}{delay}")


def _chosen(fit: Sequence[PatroniMember]) -> tuple[str | None, str]:
    """Return the member that wins the race and why, or None where that isn't decided beforehand."""
    if len(fit) == 1:
        return fit[0].name, f"{fit[0].name} alone may lead"
    positions = [member.received for member in fit]
    if None in positions:
        return None, f"{_names(fit)}: their positions in the WAL are unknown"
    furthest = max(position for position in positions if position is not None)
    # One that streams may be level with the first by then; one that doesn't stays behind.
    near = [member for member in fit if member.received == furthest or member.state == "streaming"]
    if len(near) == 1:
        return near[0].name, f"{near[0].name} has the most WAL"
    if any(member.received != furthest for member in near):
        return None, f"{_names(near)}, whichever has more WAL then"
    best = max(priority(member) for member in near)
    preferred = [member for member in near if priority(member) == best]
    if len(preferred) == 1:
        return preferred[0].name, f"{preferred[0].name} has the highest failover_priority ({best}) of those level"
    return None, f"{_names(preferred)}: they are level, and the first to take the lock leads"


def _last_seen(members: Iterable[PatroniMember]) -> str:
    seen = [f"{dcs_seen(member)} by {member.name}" for member in members if member.dcs_age_s is not None]
    return f"; the DCS was last seen {', '.join(seen)}" if seen else ""


def _names(members: Sequence[PatroniMember]) -> str:
    *firsts, last = [member.name for member in members]
    return f"{', '.join(firsts)} or {last}" if firsts else last
