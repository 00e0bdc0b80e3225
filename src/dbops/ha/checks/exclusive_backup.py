"""No exclusive backup is running.

Why: While one runs, backup_label lies in the data folder. If the primary crashes then, it does not start again before
somebody removes that file: the old primary can't be had back, neither as a fallback nor for pg_rewind.

Instead: `SELECT pg_stop_backup()` once the backup is through; use pg_basebackup, or a non-exclusive backup.

Versions: 14 and older; 15 has none any more.

Source: pg_is_in_backup(), which is true for exclusive backups alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import untold
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "backup_13"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary."""
    node = cluster.primary
    # One system has one major version: the standbys' is the primary's.
    majors = {each.major for each in cluster.nodes if each.major is not None}
    if majors and min(majors) >= 15:
        yield skipped(node, f"{min(majors)} has no exclusive backups")
    elif node is None:
        yield untold(cluster)
    else:
        yield _judged(node)


def _judged(node: Node) -> Outcome:
    if node.exclusive_backup is None:
        return unknown(node, "whether an exclusive backup runs is unknown", "backup")
    if node.exclusive_backup:
        return failed(node, "an exclusive backup runs: after a crash it would not start", "SELECT pg_stop_backup()")
    return passed(node, "no exclusive backup runs")
