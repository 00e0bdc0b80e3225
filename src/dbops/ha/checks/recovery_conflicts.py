"""Replay has cancelled no queries.

Why: What the primary removes, replay must remove too. A query on the standby that still needs it is cancelled after
max_standby_streaming_delay, and holds replay up until then: the standby is behind for as long. It says nothing about a
promotion, and much about a standby that reports run on.

Instead: `hot_standby_feedback = on` keeps rows that a standby's queries need, and lets tables of the primary grow for
as long; or run long queries on a standby that is not the one to be promoted.

Source: `pg_stat_database.conflicts`, counted since the statistics were last reset.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.snapshot import Database, Node
from dbops.results.ha import Weight

WEIGHT = Weight.INFO
MATTERS = BOTH
QUERY = "databases"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    for node in cluster.standbys:
        counts = [database.conflicts for database in node.databases or ()]
        if node.databases is None or None in counts:
            yield unknown(node, "whether replay cancels queries is unknown", "databases")
        elif not any(counts):
            yield passed(node, "replay has cancelled no queries")
        else:
            yield _judged(node, node.databases)


def _judged(node: Node, databases: tuple[Database, ...]) -> Outcome:
    where = listed([f"{database.name} {database.conflicts}" for database in databases if database.conflicts])
    message = f"replay has cancelled queries: {where}"
    feedback = node.setting("hot_standby_feedback")
    if feedback is not None and not feedback.on:
        remedy = "ALTER SYSTEM SET hot_standby_feedback = on;\nSELECT pg_reload_conf();"
        return failed(node, f"{message}; hot_standby_feedback is off", remedy)
    return failed(node, message, "run long queries on another standby, or raise max_standby_streaming_delay")
