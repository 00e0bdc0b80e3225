"""One node takes writes, and no other can.

Why: Two writers of one system are a split brain: both take transactions, and those of one are lost when they are
brought together. With no writer there is nothing to switch over from. A node that does not answer may be a second
writer, unless nothing listens there or another node feeds it.

Instead: Fence off the writer that should not be one (stop it, or take its network away) before anything else, and only
then make it a standby with pg_rewind or a new base backup. Which of two holds what the applications wrote is for a
person to say: compare timelines and the newest rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, SWITCHOVER_ONLY, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.following import told_upstream
from dbops.ha.snapshot import Node
from dbops.results.ha import FailureKind, Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "identity"
ESSENTIAL = True


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the cluster."""
    writers = cluster.writers
    if len(writers) > 1:
        yield _split(writers)
        return
    dubious = [node for node in cluster.silent if _may_write(cluster, node)]
    if dubious:
        names = ", ".join(node.name for node in dubious)
        yield unknown(
            None,
            f"whether {names} takes writes is unknown: no answer",
            remedy=f"find out whether {names} runs, and fence it off before you promote anything",
        )
    elif writers:
        yield passed(None, f"{writers[0].name} takes writes, and no other node does")
    else:
        yield failed(
            None,
            "no node takes writes",
            "bring the old primary back, or promote the candidate (pg_promote), after proving the old one is stopped",
            matters=SWITCHOVER_ONLY,
        )


def _may_write(cluster: Cluster, node: Node) -> bool:
    """Whether a node without an answer may be a writer: one that is fed is none, nor is one where nothing listens.

    What refuses us and is heard by a standby runs all the same.
    """
    assert node.failure is not None
    if node.failure.kind is FailureKind.UNSEEN or cluster.link(node) is not None:
        return False
    return node.failure.kind is not FailureKind.REFUSED or any(
        standby.receivers and told_upstream(cluster, standby) is node for standby in cluster.standbys
    )


def _split(writers: tuple[Node, ...]) -> Outcome:
    names = " and ".join(f"{node.name} (timeline {node.timeline or 'unknown'})" for node in writers)
    systems = {node.system_identifier for node in writers}
    if len(systems) > 1:
        return failed(
            None, f"{names} take writes and belong to different systems", "name the nodes of one cluster only"
        )
    return failed(
        None,
        f"split brain: {names} take writes",
        "fence off the one that should not write, now; then pg_rewind it, or make it anew",
    )
