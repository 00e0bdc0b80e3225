"""The primary archives its WAL.

Why: What is not archived can't be restored, and stays in pg_wal until the disk is full, which stops the primary. A
standby that has fallen behind can't get it from the archive either. How long ago something was archived says nothing:
an idle server archives nothing, for hours.

Instead: The command's error is in the primary's log. Once it succeeds, the archiver catches up by itself.

Versions: 15 and newer may archive by archive_library.

Source: pg_stat_archiver, and the .ready files in archive_status: 16 of them are too many, as for repmgr
(archive_ready_warning).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.archiving import Archiving, archiving
from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import untold
from dbops.ha.snapshot import Archiver, Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "archiver"

_READY = 16
"""Segments that wait."""


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary, and each standby that archives for itself (archive_mode = always)."""
    if cluster.primary is None:
        yield untold(cluster)
    else:
        yield _judged(cluster.primary)
    for node in cluster.standbys:
        mode = node.setting("archive_mode")
        if mode is not None and mode.value == "always":
            yield _judged(node)


def _judged(node: Node) -> Outcome:
    match archiving(node):
        case None:
            return unknown(node, "whether it archives is unknown", "settings")
        case Archiving.OFF:
            return skipped(node, "archive_mode is off")
        case Archiving.NOWHERE:
            return failed(
                node,
                "archive_mode is on, archive_command is empty: all WAL stays in pg_wal",
                "ALTER SYSTEM SET archive_command = '…'; SELECT pg_reload_conf()",
            )
    if node.archiver is None:
        return unknown(node, "how archiving goes is unknown", "archiver")
    return _going(node, node.archiver)


def _going(node: Node, archiver: Archiver) -> Outcome:
    waiting = "an unknown number of" if archiver.ready is None else str(archiver.ready)
    if _fails(archiver):
        last = f", last on {archiver.last_failed_wal}" if archiver.last_failed_wal else ""
        message = f"archiving fails ({archiver.failed} times{last}); {waiting} segments wait"
        return failed(node, message, "see the archive command's error in its log")
    if archiver.ready is None:
        return unknown(node, "how many segments wait to be archived is unknown", "archive_status")
    if archiver.ready >= _READY:
        return failed(node, f"{waiting} segments wait to be archived", "see what makes archiving slow")
    return passed(node, f"archives; {waiting} segments wait")


def _fails(archiver: Archiver) -> bool:
    """Whether the last attempt failed."""
    if archiver.last_failed_at is None:
        return False
    return archiver.last_archived_at is None or archiver.last_failed_at > archiver.last_archived_at
