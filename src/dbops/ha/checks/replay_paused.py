"""Replay goes on.

Why: A standby whose replay is paused falls behind what it has received. Promoting it replays everything first, for as
long as that takes; 14 and newer also pause by themselves when a setting is too low (see standby-settings), and then a
promotion crashes the server.

Instead: `SELECT pg_wal_replay_resume()` on the standby.

Versions: 13 knows paused and not paused only.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "replay"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    for node in cluster.standbys:
        if node.pause_state is None:
            yield unknown(node, "whether replay is paused is unknown", "replay")
        elif node.pause_state == "not paused":
            yield passed(node, "replay is not paused")
        else:
            yield failed(
                node,
                f"replay is {node.pause_state.removeprefix('pause ')}: a promotion replays all that is left first",
                "SELECT pg_wal_replay_resume()",
            )
