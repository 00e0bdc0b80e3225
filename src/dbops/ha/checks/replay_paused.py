"""Replay goes on.

Why: A standby whose replay is paused falls behind what it has received. Promoting it replays everything first, for as
long as that takes; 14 and newer also pause by themselves when a setting is too low (see standby-settings), and then a
promotion crashes the server. One that stands still at a recovery target is told by recovery-target.

Instead: `SELECT pg_wal_replay_resume()` on the standby. Not before its settings are raised where they are too low: that
ends the server too.

Versions: 13 knows paused and not paused only.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.room import too_low
from dbops.ha.snapshot import Node
from dbops.ha.targets import targets
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
            yield _paused(cluster, node, f"replay is {node.pause_state.removeprefix('pause ')}")


def _paused(cluster: Cluster, node: Node, paused: str) -> Outcome:
    reached = targets(node)
    if reached:
        return failed(node, f"{paused}, perhaps because {reached[0]} is reached", "see recovery-target")
    message, resume = f"{paused}: a promotion replays all that is left first", "SELECT pg_wal_replay_resume()"
    if node.major is not None and node.major <= 13:
        return failed(node, message, resume)
    if cluster.primary is None:
        message = f"{message}, unless it paused by itself, for a setting that is too low"
        return failed(node, message, f'if its log does not say "insufficient parameter settings":\n{resume}')
    if too_low(cluster.primary, node):
        message = f"{paused}, perhaps by itself, as a setting is too low: to resume it would end the server"
        return failed(node, message, "raise the setting and restart it (standby-settings)")
    return failed(node, message, resume)
