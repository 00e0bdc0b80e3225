"""Every standby is on the primary's timeline, and has nothing that the primary never wrote.

Why: A standby on another timeline does not follow: it missed a promotion, or it was promoted itself, or it holds WAL
from before a promotion that the new primary never had (it has diverged). Its position can't be compared, and what it
would lose is unknown. Without a primary, a standby on an older timeline than another misses what came after; so does
one on an older timeline than that of the node that is gone, of which a history file in pg_wal is left.

Instead: A standby that is only behind gets there with `recovery_target_timeline = 'latest'`, the WAL and the history
file. One that has diverged needs pg_rewind or a new base backup.

Source: the name of the WAL segment that the primary writes, and received_tli of the standby's receiver; the control
file's timeline is that of the last checkpoint, and stale just after a promotion. A standby fetches the history of its
primary's timeline before it follows, also when it then can't.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
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
    wanted = primary.timeline if primary is not None else _newest(cluster)
    for node in cluster.standbys:
        yield _judged(cluster, node, wanted)


def _newest(cluster: Cluster) -> int | None:
    """Return the newest timeline that a standby is on, or has heard of."""
    known = [node.timeline for node in cluster.standbys]
    known += [node.wal_folder.history for node in cluster.standbys if node.wal_folder is not None]
    return max((each for each in known if each is not None), default=None)


def _judged(cluster: Cluster, node: Node, wanted: int | None) -> Outcome:
    if node.timeline is None or wanted is None:
        return unknown(node, "the timeline it receives is unknown", _hidden_part(node))
    if node.timeline != wanted:
        state = "it has diverged" if node.timeline > wanted else "it does not follow, or has diverged"
        return failed(
            node,
            f"on timeline {node.timeline}, {_whose(cluster, wanted)} {wanted}: {state}",
            'where its log says "forked off" or "not in this server\'s history", pg_rewind it or make it anew',
        )
    blind = [each for each in cluster.standbys if each.wal_folder is None]
    if cluster.primary is None and blind:
        names = listed([each.name for each in blind])
        message = f"whether a newer timeline than {wanted} was begun is unknown: pg_wal of {names} can't be seen"
        return unknown(node, message, remedy=blind[0].denied.get("wal_folder"))
    if cluster.lag(node).ahead:
        return failed(
            node,
            f"on timeline {wanted}, with WAL that the primary never wrote: it has diverged",
            "pg_rewind it, or make it anew",
        )
    return passed(node, f"on timeline {node.timeline}")


def _whose(cluster: Cluster, timeline: int) -> str:
    if cluster.primary is not None:
        return "the primary is on"
    others = {node.timeline for node in cluster.standbys}
    return "another standby is on" if timeline in others else "a node that is gone was on"


def _hidden_part(node: Node) -> str:
    """The receiver tells the timeline where there is one."""
    return "receiver" if "receiver" in node.denied else "timeline"
