"""Each standby, once promoted, has walsenders and replication slots for those that would follow it.

Why: Physical slots are not replicated: the promoted standby has none of the old primary's. A standby that is told to
use one (primary_slot_name) can't follow until it exists, and what it misses meanwhile may be removed. Without a free
walsender it is turned away.

Instead: Make the slots on the candidate before a switchover, or as a part of it: a slot that was never used keeps no
WAL. A missing slot is therefore no more than a note; a limit is a warning, because it changes with a restart only.

Versions: A physical slot can be made on a standby, and survives its promotion, on 13 to 18 (tried). Patroni makes the
members' slots by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.following import followers, physical_slots, slots_used
from dbops.ha.listing import listed
from dbops.ha.primary import untold
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight
from dbops.sql.quote import literal

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "slots"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby by those that would follow it."""
    for candidate in cluster.standbys:
        wrong = [*_walsenders(cluster, candidate), *_slots(cluster, candidate)]
        yield from wrong or [passed(candidate, "has walsenders and slots for those that would follow it")]


def _walsenders(cluster: Cluster, candidate: Node) -> Iterator[Outcome]:
    most = candidate.setting("max_wal_senders")
    if most is None or most.number is None:
        yield unknown(candidate, "how many walsenders it may have is unknown", "settings")
        return
    if candidate.downstreams is None:
        yield unknown(candidate, "how many of its walsenders are free is unknown", "downstreams")
        return
    needed = sum(cluster.upstream(node) is not candidate for node in followers(cluster, candidate))
    free = max(0, most.number - len(candidate.downstreams))
    if free < needed:
        yield failed(
            candidate,
            f"has {free} of {most.number} walsenders free, and {needed} more nodes would follow it",
            f"ALTER SYSTEM SET max_wal_senders = {most.number + needed - free};\nthen restart {candidate.name}",
        )


def _slots(cluster: Cluster, candidate: Node) -> Iterator[Outcome]:
    if _patroni_makes_slots(cluster):
        return
    wanted = _wanted(cluster, candidate)
    if wanted is None and cluster.primary is None:
        yield untold(cluster, candidate)
        return
    if candidate.slots is None or wanted is None:
        part = "slots" if candidate.slots is None else "upstream"
        yield unknown(candidate, "whether it has slots for those that would follow it is unknown", part)
        return
    missing = sorted(wanted - {slot.name for slot in physical_slots(candidate)})
    if missing:
        created = "\n".join(f"SELECT pg_create_physical_replication_slot({literal(name)});" for name in missing)
        names = listed([f'"{name}"' for name in missing])
        remedy = f"on {candidate.name}:\n{created}"
        yield failed(candidate, f"has no slot {names} for what would follow it", remedy, weight=Weight.INFO)
    yield from _room(candidate, len(candidate.slots), len(missing))


def _room(candidate: Node, taken: int, missing: int) -> Iterator[Outcome]:
    most = candidate.setting("max_replication_slots")
    if most is None or most.number is None:
        yield unknown(candidate, "how many slots it may have is unknown", "settings")
    elif most.number - taken < missing:
        yield failed(
            candidate,
            f"has {most.number - taken} of {most.number} slots free, and lacks {missing}",
            f"ALTER SYSTEM SET max_replication_slots = {taken + missing};\nthen restart {candidate.name}",
        )


def _wanted(cluster: Cluster, candidate: Node) -> frozenset[str] | None:
    """Return the slots that would be missed: those of the primary, and those its followers are told to use.

    None is unknown. A lost slot of the primary's is missed by nobody who could follow.
    """
    own = slots_used(cluster, candidate)
    used = {node.name: slots_used(cluster, node) for node in followers(cluster, candidate)}
    told = frozenset(name for names in used.values() for name in names or ())
    primary = cluster.primary
    if primary is None:
        return None if None in used.values() else told
    if primary.slots is None or own is None or any(used.get(node.name, told) is None for node in cluster.standbys):
        return None
    return told | {slot.name for slot in physical_slots(primary) if slot.wal_status != "lost"} - own


def _patroni_makes_slots(cluster: Cluster) -> bool:
    """Whether Patroni answers, and is not told to leave slots alone."""
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None or patroni.config is None:
        return False
    postgresql = patroni.config.get("postgresql")
    return not isinstance(postgresql, dict) or postgresql.get("use_slots") is not False
