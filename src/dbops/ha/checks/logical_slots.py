"""The primary's logical slots are kept by a switchover.

Why: A subscriber continues where its slot stands. A slot that the promoted standby doesn't have is lost: its subscriber
must be filled anew, or misses what was written meanwhile. The slots of a primary that is gone are lost either way, so
that an emergency doesn't wait for this.

Instead: From 17 on make the slots failover slots and let the standby sync them (see slot-sync). Before, stop the
writers, let the subscribers catch up, promote, and make the slots anew before anybody writes.

Versions: 17 has failover slots. Before, no logical slot survives (Patroni copies those that its configuration names).

Source: `pg_replication_slots` of both. A synced slot survives when it is not temporary (it is while the standby can't
decode from where it stands) and not invalidated. A slot of the same name that was made on the standby itself stands
elsewhere, and stops the syncing of all (tried on 17 and 18); a former primary has such ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import SWITCHOVER_ONLY, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.primary import untold
from dbops.ha.snapshot import Node, Slot
from dbops.results.ha import Weight
from dbops.sql.quote import identifier, literal

WEIGHT = Weight.BLOCKER
MATTERS = SWITCHOVER_ONLY
QUERY = "slots"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby by the primary's logical slots."""
    primary = cluster.primary
    for candidate in cluster.standbys:
        if primary is None:
            yield untold(cluster, candidate)
        elif primary.slots is None:
            yield unknown(candidate, "which logical slots a switchover must keep is unknown: the primary's are")
        else:
            slots = [slot for slot in primary.slots if slot.logical and not slot.temporary]
            yield from _judged(cluster, candidate, slots)


def _judged(cluster: Cluster, candidate: Node, slots: list[Slot]) -> Iterator[Outcome]:
    # What is lost already, a switchover can't lose; slot-status tells.
    alive = [slot for slot in slots if slot.wal_status != "lost"]
    if not alive:
        yield passed(candidate, "the primary has no logical slots to lose")
    elif candidate.slots is None:
        yield unknown(candidate, "whether it has the primary's logical slots is unknown", "slots")
    else:
        wrong = [outcome for slot in alive for outcome in _slot(cluster, candidate, slot)]
        yield from wrong or [passed(candidate, f"keeps the primary's logical slots: {_named(alive)}")]


def _named(slots: list[Slot]) -> str:
    return listed([f'"{slot.name}"' for slot in slots])


def _slot(cluster: Cluster, candidate: Node, slot: Slot) -> Iterator[Outcome]:
    copy = next((each for each in candidate.slots or () if each.name == slot.name), None)
    if slot.name in _patronis(cluster):
        if copy is None or not copy.logical or copy.wal_status == "lost":
            yield _lost(candidate, slot, "Patroni has not copied it", "see Patroni's log on the standby")
    elif candidate.major is None:
        yield unknown(candidate, f"whether {_said(slot)} would be kept is unknown: so is the version")
    elif candidate.major < 17:
        yield _lost(candidate, slot, f"PostgreSQL {candidate.major} has no failover slots", _ANEW.format(slot.name))
    elif slot.failover is None:
        yield unknown(candidate, f"whether {_said(slot)} is a failover slot is unknown")
    elif not slot.failover:
        yield _lost(candidate, slot, "it is no failover slot", _made_failover(slot))
    else:
        yield from _copy(candidate, slot, copy)


def _copy(candidate: Node, slot: Slot, copy: Slot | None) -> Iterator[Outcome]:
    """Judge the standby's copy of a failover slot."""
    if copy is None:
        yield _lost(candidate, slot, f"{candidate.name} has not synced it", "see slot-sync for what it lacks")
    elif copy.synced is None:
        yield unknown(candidate, f"whether {_said(slot)} is synced is unknown")
    elif not copy.synced:
        why = f"{candidate.name} has one of that name of its own, which stops the syncing"
        yield _lost(
            candidate, slot, why, f"on {candidate.name}:\nSELECT pg_drop_replication_slot({literal(slot.name)});"
        )
    elif copy.invalidation_reason is not None or copy.wal_status == "lost":
        reason = copy.invalidation_reason or "unknown reason"
        yield _lost(candidate, slot, f"it is invalidated on {candidate.name} ({reason})", "see slot-sync")
    elif copy.temporary:
        why = f"{candidate.name} can't decode from where it stands yet"
        yield _lost(candidate, slot, why, "wait until its subscriber has confirmed more; see the standby's log")


def _lost(candidate: Node, slot: Slot, why: str, remedy: str) -> Outcome:
    return failed(candidate, f"{_said(slot)} is lost by a switchover: {why}", remedy)


def _said(slot: Slot) -> str:
    return f'logical slot "{slot.name}"' + (f" of database {slot.database}" if slot.database else "")


_ANEW = (
    "stop the writers, let the subscriber catch up, promote, and before anybody writes make slot {!r} anew "
    "(pg_create_logical_replication_slot) and point the subscription to the new primary"
)


def _made_failover(slot: Slot) -> str:
    """Return how a slot becomes a failover slot; a subscription has its slot's name unless told otherwise."""
    subscription = f"ALTER SUBSCRIPTION {identifier(slot.name)}"
    return (
        "on the subscriber, where the subscription has the slot's name:\n"
        f"{subscription} DISABLE;\n{subscription} SET (failover = true);\n{subscription} ENABLE;\n"
        f"for another reader, over a replication connection: ALTER_REPLICATION_SLOT {slot.name} (FAILOVER)"
    )


def _patronis(cluster: Cluster) -> frozenset[str]:
    """Return the slots that Patroni is configured to keep on every member."""
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None or patroni.config is None:
        return frozenset()
    named = patroni.config.get("slots")
    return frozenset(named) if isinstance(named, dict) else frozenset()
