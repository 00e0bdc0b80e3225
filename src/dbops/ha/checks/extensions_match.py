"""A standby has the files of the extensions that the primary uses.

Why: An extension's catalog entries are replicated, its libraries are not. Where the package is missing, queries that
need it work on the primary and fail after a switchover: "could not access file".

Instead: Install the same packages on all nodes.

Only the extensions of the connected database are looked at, and whether the node has the extension's control file, not
whether its library loads.

Source: pg_extension on the primary, pg_available_extensions on the standby.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import SWITCHOVER_ONLY, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import beside
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = SWITCHOVER_ONLY
QUERY = "extensions"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    return beside(cluster, _judged)


def _judged(primary: Node, node: Node) -> Outcome:
    if primary.installed_extensions is None:
        return unknown(
            node, f"which extensions {primary.name} uses is unknown", remedy=primary.denied.get("extensions")
        )
    if node.available_extensions is None:
        return unknown(node, "which extensions it has is unknown", "extensions")
    where = f"database {primary.database}" if primary.database else "the connected database"
    missing = sorted(primary.installed_extensions - node.available_extensions)
    if missing:
        message = f"has no {', '.join(missing)}, which {where} uses (other databases were not looked at)"
        return failed(node, message, f"install the packages of {', '.join(missing)} on {node.name}")
    return passed(node, f"has all extensions of {where} (other databases were not looked at)")
