"""Subscribers of failover slots wait for the standbys that may be promoted, and for no other.

Why: With synchronized_standby_slots a subscriber is sent nothing that the named standbys lack. Without the candidate's
slot in it, the subscriber may have changes that the promoted standby never had. With a slot that doesn't exist, is
inactive or lost, all subscribers of failover slots stop, and only the server's log says why. The setting of the standby
takes effect with its promotion: a copy of the primary's names slots that the standby doesn't have, its own among them.

Instead: On the primary name the slot of each standby that may be promoted. On the candidate name the slots that the
others will use there, or none until they follow.

Versions: 17 and newer. Newer minor versions take any name that is well spelt.

Source: StandbySlotsHaveCaughtup() in PostgreSQL's slot.c; tried on 17 and 18: walsenders wait in
WaitForStandbyConfirmation, a fast shutdown doesn't.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dbops.ha.check import BOTH, EMERGENCY_ONLY, SWITCHOVER_ONLY, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.following import slots_used
from dbops.ha.listing import listed
from dbops.ha.primary import absence
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight
from dbops.sql.quote import literal

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "settings"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary's setting, and what each standby would wait for once it is promoted."""
    primary = cluster.primary
    if primary is None:
        yield skipped(None, f"{absence(cluster)}, whose subscribers could wait")
        return
    if primary.major is None or primary.slots is None:
        yield unknown(primary, "whether there are failover slots is unknown", "slots")
    elif primary.major < 17:
        yield skipped(None, f"PostgreSQL {primary.major} has no failover slots")
    elif not any(slot.failover for slot in primary.slots):
        yield skipped(None, "the primary has no failover slots, for which alone subscribers wait")
    else:
        yield from _judged(cluster, primary)


def _judged(cluster: Cluster, primary: Node) -> Iterator[Outcome]:
    named = _names(primary)
    if named is None:
        yield unknown(primary, "for which standbys subscribers wait is unknown", "settings")
        return
    stuck = {name: reason for name in named if (reason := _why_stuck(primary, name))}
    if stuck:
        yield failed(
            primary, f"subscribers of failover slots wait: {listed(stuck.values())}", _remedy(), matters=SWITCHOVER_ONLY
        )
    else:
        yield passed(primary, "the slots that subscribers wait for are in use")
    for candidate in cluster.standbys:
        yield from [*_left_out(cluster, candidate, named, stuck), *_promoted(candidate)] or [
            passed(candidate, "subscribers wait for it, and would not wait in vain after its promotion")
        ]


def _left_out(cluster: Cluster, candidate: Node, named: Sequence[str], stuck: Collection[str]) -> Iterator[Outcome]:
    """Judge whether a subscriber may be ahead of the candidate."""
    own = slots_used(cluster, candidate)
    if own is None:
        yield unknown(candidate, "whether subscribers wait for it is unknown", "upstream")
    elif not own & set(named):
        names = ",".join((*(name for name in named if name not in stuck), *sorted(own)))
        changed = f"on the primary:\nALTER SYSTEM SET synchronized_standby_slots = {literal(names)};"
        yield failed(
            candidate,
            "subscribers of failover slots don't wait for it: they may have what it lacks when it is promoted",
            f"{changed}\nSELECT pg_reload_conf();" if own else "give it a slot, and name that on the primary",
            matters=EMERGENCY_ONLY,  # a primary that is stopped in order sends it everything first
        )


def _promoted(candidate: Node) -> Iterator[Outcome]:
    """Judge whether subscribers would wait in vain after its promotion; a slot has no reader before that."""
    named = _names(candidate)
    if named is None or candidate.slots is None:
        yield unknown(
            candidate,
            "for which slots subscribers would wait after its promotion is unknown",
            "settings" if named is None else "slots",
        )
        return
    physical = {slot.name for slot in candidate.slots if not slot.logical}
    missing = [f'"{name}"' for name in named if name not in physical]
    if missing:
        yield failed(
            candidate,
            f"after its promotion subscribers would wait for slots that it doesn't have: {listed(missing)}",
            _remedy(f"on {candidate.name}"),
        )


def _why_stuck(primary: Node, name: str) -> str | None:
    """Return why what waits for a slot waits in vain."""
    slot = next((each for each in primary.slots or () if each.name == name), None)
    if slot is None:
        return f'slot "{name}" does not exist'
    if slot.logical:
        return f'slot "{name}" is a logical one'
    if slot.wal_status == "lost":
        return f'slot "{name}" is lost'
    return None if slot.active else f'slot "{name}" is inactive'


def _remedy(where: str = "on the primary") -> str:
    return (
        f"{where} name slots of standbys that run, or none:\n"
        "ALTER SYSTEM SET synchronized_standby_slots = '';\nSELECT pg_reload_conf();"
    )


def _names(node: Node) -> tuple[str, ...] | None:
    """Return the slots a node's setting names; names of slots are lower case, and what isn't quoted is made so."""
    setting = node.setting("synchronized_standby_slots")
    if setting is None:
        return None
    words = [word.strip() for word in setting.value.split(",")]
    return tuple(word.strip('"') if word.startswith('"') else word.lower() for word in words if word)
