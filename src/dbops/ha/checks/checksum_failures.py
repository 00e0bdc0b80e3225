"""No page failed its checksum.

Why: A page that fails its checksum was damaged by storage or memory. Each node has its own disks, and counts its own:
a damaged candidate would become the only copy that counts, a damaged primary is a reason to switch over.

Instead: `pg_amcheck` on that node; make a damaged standby anew. The count stays until pg_stat_reset().

Versions: Where data checksums are off, nothing is counted.

Source: pg_stat_database, of every database and of the shared catalogs.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "databases"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node that answers."""
    for node in cluster.nodes:
        if node.answers:
            yield _judged(node)


def _judged(node: Node) -> Outcome:
    damaged = [f"{each.name}: {each.checksum_failures}" for each in node.databases or () if each.checksum_failures]
    if damaged:
        return failed(node, f"pages failed their checksum: {listed(damaged)}", "pg_amcheck --all on it; see its log")
    if node.checksums is None:
        return unknown(node, "whether it has data checksums is unknown", "checksums")
    if node.checksums is False:
        return skipped(node, "data checksums are off")
    if not node.databases:
        return unknown(node, "whether pages failed their checksum is unknown", "databases")
    uncounted = [each.name for each in node.databases if each.checksum_failures is None]
    if uncounted:
        return unknown(node, f"failed checksums are not counted for {listed(uncounted)}")
    return passed(node, "no page failed its checksum")
