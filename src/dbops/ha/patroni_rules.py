"""Patroni's own rules: whom it lets lead, and which of our nodes its members are. Pure.

Source: Patroni 4.1's ``ha.py`` (``_is_healthiest_node``, ``failover_limitation``, ``is_failover_possible``),
``tags.py`` and ``global_config.py``; the defaults are those of its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node, Patroni, PatroniMember
from dbops.results.figures import size
from dbops.results.progress import duration

_RUNNING = {"running", "streaming", "in archive recovery"}
_NOT_IN_A_SLOT = re.compile(r"[^a-z0-9_]")
_ON = {"on", "true", "yes", "1"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the dynamic configuration makes of Patroni; times in seconds, ``maximum_lag`` in bytes.

    ``synchronous`` is synchronous_mode without quorum commit: then synchronous standbys alone may lead.
    """

    ttl: int = 30
    loop_wait: int = 10
    retry_timeout: int = 10
    maximum_lag: int = 1024**2
    synchronous: bool = False
    check_timeline: bool = False
    failsafe: bool = False
    standby_cluster: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks ``against`` a member's leading, and what of it is ``unknown``; with neither it may lead."""

    against: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def fit(self) -> bool:
        """Whether Patroni lets it lead."""
        return not self.against and not self.unknown


def rules_of(config: Mapping[str, object]) -> Rules:
    """Return the rules that a dynamic configuration makes."""
    standard = Rules()
    followed = config.get("standby_cluster")
    return Rules(
        ttl=_whole(config.get("ttl"), standard.ttl),
        loop_wait=_whole(config.get("loop_wait"), standard.loop_wait),
        retry_timeout=_whole(config.get("retry_timeout"), standard.retry_timeout),
        maximum_lag=_whole(config.get("maximum_lag_on_failover"), standard.maximum_lag),
        synchronous=_is_on(config.get("synchronous_mode")),
        check_timeline=_is_on(config.get("check_timeline")),
        failsafe=_is_on(config.get("failsafe_mode")),
        standby_cluster=isinstance(followed, Mapping)
        and any(followed.get(key) for key in ("host", "port", "restore_command")),
    )


def standing(patroni: Patroni, member: PatroniMember) -> Standing:
    """Return whether Patroni would let a member that doesn't lead take the lead."""
    rules = None if patroni.config is None else rules_of(patroni.config)
    against, unknown = _against_itself(member), _unknown_of(patroni, member)
    if stale(patroni, member):
        against.append(f"it last saw the DCS {dcs_seen(member)}")
    if rules is None:
        unknown.append("Patroni's configuration is unknown")
    else:
        against += _against_by(rules, patroni, member)
        unknown += _unknown_by(rules, patroni.leader, member)
    return Standing(tuple(against), tuple(unknown))


def lag_of(patroni: Patroni, member: PatroniMember) -> int | None:
    """Return how far it is behind what the leader last wrote to the DCS, in bytes: what Patroni compares in a race.

    A Patroni that doesn't tell that position tells bounds: the lag is at most the least of them.
    """
    if patroni.position is not None and member.received is not None:
        return max(0, patroni.position - member.received)
    leaders = None if patroni.leader is None else patroni.leader.received
    live = None if leaders is None or member.received is None else max(0, leaders - member.received)
    return min((bound for bound in (live, member.lag_bytes) if bound is not None), default=None)


def stale(patroni: Patroni, member: PatroniMember) -> bool | None:
    """Whether the member has not read the DCS for longer than the leader lock lives, None when that is unknown."""
    age = member.dcs_age_s
    if age is None:
        return None
    return age > rules_of(patroni.config or {}).ttl


def dcs_seen(member: PatroniMember) -> str:
    """Return when the member last read the DCS, in words; Patroni tells it in whole seconds."""
    if member.dcs_age_s is None:
        return "at an unknown time"
    if not member.dcs_last_seen:
        return "never"
    return f"{member.dcs_age_s:.0f} s ago" if member.dcs_age_s < 60 else f"{duration(member.dcs_age_s)} ago"


def runs(member: PatroniMember) -> bool:
    """Whether its PostgreSQL runs, or may: the state is unknown."""
    return member.state is None or member.state in _RUNNING


def priority(member: PatroniMember) -> int:
    """Return its failover_priority: 0 never leads."""
    return 0 if member.tags.get("nofailover") else _whole(member.tags.get("failover_priority"), 1)


def nofailover(member: PatroniMember) -> str | None:
    """Return the tag that keeps it from ever leading; a ``nofailover`` that is set goes before a priority."""
    tag = member.tags.get("nofailover")
    if tag is not None:
        return "tagged nofailover" if tag else None
    return None if priority(member) > 0 else f"tagged failover_priority {priority(member)}"


def slots_of_members(patroni: Patroni | None) -> frozenset[str]:
    """Return the physical slots that Patroni keeps for members, on every member: one on a standby awaits its turn."""
    members = () if patroni is None else patroni.members
    return frozenset(_NOT_IN_A_SLOT.sub(_spelled, member.name.lower())[:63] for member in members)


def node_of(cluster: Cluster, member: PatroniMember) -> Node | None:
    """Return the node that a member is: the one at its address, else the one of its name."""
    places = [
        node for node in cluster.nodes if node.port == member.port and member.host in {node.host, node.address} - {None}
    ]
    return places[0] if len(places) == 1 else cluster.node(member.name)


def member_of(cluster: Cluster, node: Node) -> PatroniMember | None:
    """Return the member that a node is, None when none is known to be."""
    members = () if cluster.patroni is None else cluster.patroni.members
    return next((member for member in members if node_of(cluster, member) is node), None)


def _against_itself(member: PatroniMember) -> list[str]:
    found = []
    if tag := nofailover(member):
        found.append(f"it is {tag}")
    if not runs(member):
        found.append(f"its PostgreSQL is {member.state}")
    if member.watchdog_failed:
        found.append("it requires a watchdog, and that doesn't work")
    return found


def _unknown_of(patroni: Patroni, member: PatroniMember) -> list[str]:
    if member.failure is not None:
        return [f"its REST API gives no answer ({member.failure.message})"]
    known = {
        "its state": member.state,
        "its lag": lag_of(patroni, member),
        "whether its watchdog works": member.watchdog_failed,
        "when it last saw the DCS": member.dcs_age_s,
    }
    return [f"{what} is unknown" for what, value in known.items() if value is None]


def _against_by(rules: Rules, patroni: Patroni, member: PatroniMember) -> list[str]:
    found = []
    if rules.synchronous and member.role != "sync_standby":
        found.append("synchronous_mode lets synchronous standbys alone lead, and it is none")
    lag = lag_of(patroni, member)
    if lag is not None and lag > rules.maximum_lag:
        found.append(f"its lag of {size(lag)} is over maximum_lag_on_failover ({size(rules.maximum_lag)})")
    leaders = None if patroni.leader is None else patroni.leader.timeline
    if rules.check_timeline and leaders is not None and member.timeline is not None and member.timeline < leaders:
        found.append(f"it is on timeline {member.timeline}, and the leader on {leaders}")
    return found


def _unknown_by(rules: Rules, leader: PatroniMember | None, member: PatroniMember) -> list[str]:
    timelines = {member.timeline, None if leader is None else leader.timeline}
    return ["its timeline or the leader's is unknown"] if rules.check_timeline and None in timelines else []


def _spelled(character: re.Match[str]) -> str:
    """Spell a character that no slot's name may have, as Patroni does."""
    return "_" if character[0] in "-." else f"u{ord(character[0]):04d}"


def _is_on(value: object) -> bool:
    return str(value).lower() in _ON


def _whole(value: object, otherwise: int) -> int:
    """Return a whole number as Patroni reads it, also from text; what isn't one counts as not set."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else otherwise
