"""A standby would archive its WAL as the primary does, once it is the primary.

Why: archive_mode and archive_command are settings of each node. A standby without them becomes a primary whose WAL is
archived nowhere: backups from then on can't be restored to a point in time, and nobody notices until one is needed.
archive_mode takes a restart to change.

Instead: The same archive_mode and archive_command (or archive_library) on all nodes.

A standby without a restore_command is told of: where the primary archives, it could fetch what the primary no longer
has, instead of being made anew. Whether the commands do the same can't be seen: they may hold secrets, so that dbops
only asks whether there is one.

Versions: archive_library since 15; 13 takes a restart to change restore_command.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.archiving import Archiving, archiving
from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import beside
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "settings"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    return beside(cluster, _judged)


def _judged(primary: Node, node: Node) -> Outcome:
    wanted, own = archiving(primary), archiving(node)
    if wanted is None:
        return unknown(node, "whether the primary archives is unknown", remedy=primary.denied.get("settings"))
    if wanted is not Archiving.ON:
        return skipped(node, "the primary does not archive")
    if own is None:
        return unknown(node, "whether it would archive is unknown", "settings")
    if own is Archiving.OFF:
        return _off(node)
    if own is Archiving.NOWHERE:
        message = "would not archive after a promotion: archive_command is empty"
        return failed(node, message, "ALTER SYSTEM SET archive_command = '…'; SELECT pg_reload_conf()")
    return _restoring(node)


def _off(node: Node) -> Outcome:
    mode = node.setting("archive_mode")
    waits = mode is not None and mode.pending_restart
    message = "would not archive after a promotion: archive_mode is off"
    if waits:
        return failed(node, f"{message} until it restarts", f"restart {node.name}")
    return failed(node, message, f"ALTER SYSTEM SET archive_mode = 'on'; -- then restart {node.name}")


def _restoring(node: Node) -> Outcome:
    restore = node.setting("restore_command")
    if restore is None:
        return unknown(node, "whether it has a restore_command is unknown", "settings")
    if restore.value == "":
        message = "would archive after a promotion, but has no restore_command: a gap in its WAL could not be filled"
        how = (
            "SELECT pg_reload_conf()" if node.major is not None and node.major >= 14 else f"-- then restart {node.name}"
        )
        remedy = f"ALTER SYSTEM SET restore_command = '…'; {how}"
        return failed(node, message, remedy, weight=Weight.INFO)
    return passed(node, "would archive after a promotion, and has a restore_command")
