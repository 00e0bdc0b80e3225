"""Each standby syncs the primary's failover slots.

Why: A failover slot of the primary's survives a switchover only on a standby that syncs it, and that asks for a lot:
sync_replication_slots, hot_standby_feedback, wal_level logical on the standby too, a slot of its own on the primary
(primary_slot_name), a dbname in primary_conninfo, and the primary itself as its upstream. What is missing stands in the
standby's log and nowhere else.

Instead: The remedy has the settings. wal_level needs a restart, the others a reload.

Versions: 17 and newer. `SELECT pg_sync_replication_slots()` syncs once, by hand, under the same conditions.

Source: ValidateSlotSyncParams() in PostgreSQL's slotsync.c; each tried on 17 and 18.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import SWITCHOVER_ONLY, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.primary import untold
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = SWITCHOVER_ONLY
QUERY = "settings"

_NEEDED = {"sync_replication_slots": "on", "hot_standby_feedback": "on", "wal_level": "logical"}


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    primary = cluster.primary
    slots = None if primary is None else primary.slots
    for node in cluster.standbys:
        if primary is None:
            yield untold(cluster, node)
        elif node.major is None:
            yield unknown(node, "whether it can sync slots is unknown: so is its version")
        elif node.major < 17:
            yield skipped(node, f"PostgreSQL {node.major} has no failover slots")
        elif slots is None:
            yield unknown(node, "whether there are failover slots to sync is unknown: the primary's slots are")
        elif not any(slot.failover for slot in slots):
            yield skipped(node, "the primary has no failover slots")
        else:
            yield _judged(cluster, node)


def _judged(cluster: Cluster, node: Node) -> Outcome:
    settings = {name: node.setting(name) for name in _NEEDED}
    if None in settings.values():
        return unknown(node, "whether it syncs failover slots is unknown", "settings")
    if node.upstream is None:
        return unknown(node, "whether it syncs failover slots is unknown", "upstream")
    wrong = {name: setting.value for name, setting in settings.items() if setting and setting.value != _NEEDED[name]}
    lacks = [f"{name} is {value}" for name, value in wrong.items()]
    remedies = [f"ALTER SYSTEM SET {name} = {_NEEDED[name]};" for name in wrong]
    if wrong:
        remedies.append("then restart it" if "wal_level" in wrong else "SELECT pg_reload_conf();")
    if node.upstream.slot is None:
        lacks.append("it has no primary_slot_name")
        remedies.append("give it a slot on the primary, and primary_slot_name")
    if node.upstream.database is None:
        lacks.append("primary_conninfo has no dbname")
        remedies.append("add dbname to primary_conninfo, and let its user log into that database")
    upstream = cluster.upstream(node)
    if upstream is not None and upstream.is_standby:
        lacks.append(f"{upstream.name}, which feeds it, is a standby")
        remedies.append("let it follow the primary: cascading standbys don't sync slots")
    if not lacks:
        return passed(node, "syncs failover slots")
    return failed(node, f"does not sync failover slots: {listed(lacks, most=9)}", "\n".join(remedies))
