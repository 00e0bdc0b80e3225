"""Every standby is on the primary's timeline, and has nothing that the primary never wrote.

Why: A standby on another timeline does not follow: it missed a promotion, or it was promoted itself, or it holds WAL
from before a promotion that the new primary never had (it has diverged). Its position can't be compared, and what it
would lose is unknown. Without a primary, a standby on an older timeline than another misses what came after.

Instead: A standby that is only behind gets there with `recovery_target_timeline = 'latest'`, the WAL and the history
file. One that has diverged needs pg_rewind or a new base backup.

Source: the name of the WAL segment that the primary writes, and received_tli of the standby's receiver; the control
file's timeline is that of the last checkpoint, and stale just after a promotion.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "timeline"
ESSENTIAL = True


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby against the primary, or against the furthest standby."""
    if len(cluster.writers) > 1:
        yield skipped(None, "there is more than one writer")
        return
    primary = cluster.primary
    if primary is not None and primary.timeline is None:
        yield unknown(primary, "the timeline it writes is unknown", "timeline")
        return
    known = [node.timeline for node in cluster.standbys if node.timeline is not None]
    wanted = primary.timeline if primary is not None else max(known, default=None)
    for node in cluster.standbys:
        yield _judged(cluster, node, wanted)


def _judged(cluster: Cluster, node: Node, wanted: int | None) -> Outcome:
    if node.timeline is None or wanted is None:
        return unknown(node, "the timeline it receives is unknown", _hidden_part(node))
    whose = "the primary is" if cluster.primary is not None else "another standby is"
    if node.timeline != wanted:
        state = "it has diverged" if node.timeline > wanted else "it does not follow, or has diverged"
        return failed(
            node,
            f"on timeline {node.timeline}, {whose} on {wanted}: {state}",
            'where its log says "forked off" or "not in this server\'s history", pg_rewind it or make it anew',
        )
    if cluster.lag(node).ahead:
        return failed(
            node,
            f"on timeline {wanted}, with WAL that the primary never wrote: it has diverged",
            "pg_rewind it, or make it anew",
        )
    return passed(node, f"on timeline {node.timeline}")


def _hidden_part(node: Node) -> str:
    """The receiver tells the timeline where there is one."""
    return "receiver" if "receiver" in node.denied else "timeline"
