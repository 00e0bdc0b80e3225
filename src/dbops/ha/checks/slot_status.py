"""Every replication slot has the WAL it needs.

Why: A slot keeps the WAL that its user has not received yet. One that is lost keeps nothing any more: the standby that
used it can't go on and must be made anew, a subscriber has missed changes. One that is missing on its upstream lets a
standby receive nothing. A slot that nobody reads keeps WAL until the disk is full, or until max_slot_wal_keep_size
makes it a lost one.

Instead: Drop a slot that nobody needs (`SELECT pg_drop_replication_slot('…')`); start the one that reads the others.

Versions: wal_status `lost` is, since 16, whatever invalidated it. Since when a slot is inactive and why it was
invalidated are known from 17 on, idle_replication_slot_timeout is 18's.

Source: `pg_replication_slots`. A slot that was never used has no wal_status, keeps nothing, and its safe_wal_size means
nothing (tried on 13 to 18). Low is less than a quarter of max_slot_wal_keep_size, a threshold of dbops's own. Patroni
keeps a slot for every member on its standbys too, and moves them on itself (tried with 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.following import physical_slots, slots_used, told_upstream
from dbops.ha.patroni_rules import slots_of_members
from dbops.ha.snapshot import Node, Slot
from dbops.results.figures import size
from dbops.results.ha import Weight
from dbops.results.progress import duration
from dbops.sql.quote import literal

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "slots"

_LOW = 0.25
_REASONS = {
    "rows_removed": "rows that it needs were removed",
    "wal_level_insufficient": "wal_level was lowered",
    "idle_timeout": "it was idle for longer than idle_replication_slot_timeout",
}


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node that answers: its own slots, and the one that a standby uses on its upstream."""
    for node in cluster.nodes:
        if node.answers:
            yield from [*_own(cluster, node), *_used(cluster, node)] or [_sound(node)]


def _sound(node: Node) -> Outcome:
    if not node.slots:
        return skipped(node, "it has no replication slots")
    count = len(node.slots)
    return passed(node, "its slot has the WAL it needs" if count == 1 else f"its {count} slots have the WAL they need")


def _own(cluster: Cluster, node: Node) -> Iterator[Outcome]:
    if node.slots is None:
        yield unknown(node, "its replication slots are unknown", "slots")
        return
    told_elsewhere = _used_on(cluster, node)
    awaiting = slots_of_members(cluster.patroni) if node.is_standby else frozenset()
    for slot in node.slots:
        if slot.wal_status != "lost":
            yield from _judged(node, slot, awaits=not slot.logical and slot.name in awaiting)
        elif slot.name not in told_elsewhere:
            yield _lost(node, node, slot)


def _judged(node: Node, slot: Slot, *, awaits: bool) -> Iterator[Outcome]:
    """Judge a slot that is not lost; ``awaits`` says that Patroni keeps it for when the node leads."""
    if slot.wal_status is None:
        if slot.logical:  # a physical one that was never used has none either
            yield unknown(node, f'whether slot "{slot.name}" has the WAL it needs is unknown')
        return
    low = _is_low(node, slot)
    if low is None:
        yield unknown(node, f'how soon slot "{slot.name}" may be lost is unknown', "settings")
    trouble = _trouble(slot, low is True)
    # A synced slot is read by nobody until its standby is promoted; logical-slots judges it.
    idle = not slot.active and not awaits and not (node.is_standby and slot.synced)
    if trouble is not None or idle:
        since = _since(node, slot)
        inactive = f"is inactive{since} and keeps {_kept(slot)} of WAL"
        message = inactive if trouble is None else f"{trouble}; it is inactive{since}" if idle else trouble
        yield failed(node, f'slot "{slot.name}" {message}', _remedy(slot), weight=Weight.WARNING)


def _trouble(slot: Slot, low: bool) -> str | None:
    """Return what is wrong with the WAL that it keeps."""
    if slot.wal_status == "unreserved":
        return "is about to be lost: the next checkpoint may remove WAL that it needs"
    if low and slot.safe_wal_size is not None:
        return f"may be lost after {size(max(0, slot.safe_wal_size))} more of WAL"
    if slot.wal_status == "extended":
        return f"keeps {_kept(slot)} of WAL, more than max_wal_size"
    return None


def _is_low(node: Node, slot: Slot) -> bool | None:
    """Whether little more WAL would lose it, None where that isn't known; no limit loses nothing."""
    if slot.safe_wal_size is None:
        return False
    settings = [node.setting(name) for name in ("max_slot_wal_keep_size", "wal_keep_size")]
    megabytes = [setting.number for setting in settings if setting is not None and setting.number is not None]
    return slot.safe_wal_size < _LOW * max(megabytes) * 1024**2 if len(megabytes) == 2 else None


def _kept(slot: Slot) -> str:
    return "an unknown amount" if slot.retained_bytes is None else size(slot.retained_bytes)


def _since(node: Node, slot: Slot) -> str:
    if slot.inactive_since is None or node.last is None:
        return ""
    return f" for {duration(max(0.0, node.last.clock - slot.inactive_since))}"


def _remedy(slot: Slot) -> str:
    if slot.active:
        return "see why what reads it is behind; max_slot_wal_keep_size says how much WAL a slot may keep"
    return f"start what reads it, or, if nothing does:\nSELECT pg_drop_replication_slot({literal(slot.name)});"


def _lost(about: Node, holder: Node, slot: Slot) -> Outcome:
    """Report a lost slot. A logical one of a standby is a copy: what a promotion needs of it, logical-slots judges."""
    why = _REASONS.get(slot.invalidation_reason or "", "its WAL was removed")
    if about is holder:
        message = f'slot "{slot.name}" is lost: {why}'
        remedy = "make what used it anew"
    else:
        message = f'its slot "{slot.name}" on {holder.name} is lost: {why}'
        remedy = f"make {about.name} anew (pg_basebackup), with a new slot"
    weight = Weight.WARNING if slot.logical and holder.is_standby else Weight.BLOCKER
    dropped = f"on {holder.name}:\nSELECT pg_drop_replication_slot({literal(slot.name)});"
    return failed(about, message, f"{dropped}\nthen {remedy}", weight=weight)


def _used_on(cluster: Cluster, holder: Node) -> frozenset[str]:
    """Return the holder's slots that standbys of ours are known to use: what is wrong with one is told of its user."""
    users = [node for node in cluster.standbys if told_upstream(cluster, node) is holder]
    return frozenset(name for user in users for name in slots_used(cluster, user) or ())


def _used(cluster: Cluster, node: Node) -> Iterator[Outcome]:
    """Judge the slot that a standby uses."""
    names = slots_used(cluster, node) if node.is_standby else frozenset()
    if names is None:
        yield unknown(node, "which slot it streams with is unknown", "upstream")
        return
    holder = told_upstream(cluster, node)
    for name in sorted(names):
        yield from _at(node, name, holder) if holder is not None else _anywhere(cluster, node, name)


def _at(node: Node, name: str, holder: Node) -> Iterator[Outcome]:
    if not holder.answers:  # its slots go with it
        return
    if holder.slots is None:
        yield unknown(node, f'whether its slot "{name}" is on {holder.name} is unknown')
        return
    slot = next((each for each in physical_slots(holder) if each.name == name), None)
    if slot is None:
        yield failed(
            node,
            f'its slot "{name}" does not exist on {holder.name}: it receives nothing',
            f"on {holder.name}:\nSELECT pg_create_physical_replication_slot({literal(name)});\n"
            f"if {node.name} then asks for WAL that was removed, make it anew (pg_basebackup)",
        )
    elif slot.wal_status == "lost":
        yield _lost(node, holder, slot)


def _anywhere(cluster: Cluster, node: Node, name: str) -> Iterator[Outcome]:
    """Judge a slot of which nobody knows on whose upstream it is."""
    others = cluster.siblings(node)
    if not cluster.writers:
        return
    if any(other.slots is None for other in others):
        yield unknown(node, f'whether its slot "{name}" exists is unknown: so is its upstream')
    elif not any(slot.name == name for other in others for slot in physical_slots(other)):
        remedy = f"on its upstream:\nSELECT pg_create_physical_replication_slot({literal(name)});"
        yield failed(node, f'its slot "{name}" exists on no node: it receives nothing', remedy)
