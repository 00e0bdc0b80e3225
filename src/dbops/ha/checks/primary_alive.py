"""The primary can be seen from here, or is gone for its standbys too.

Why: A primary that can't be reached from here may be alive: a standby that still hears from it proves that. Promoting
another then makes two writers. That a connection fails is no proof that a server is stopped.

Instead: Find out why it can't be reached from here. Promote only what is left after the old primary is stopped or
fenced off for certain.

Source: `last_msg_receipt_time` of `pg_stat_wal_receiver`: an idle primary is heard every half wal_sender_timeout only,
so that silence during a few seconds proves nothing either.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, EMERGENCY_ONLY, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.results.ha import FailureKind, Weight

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "receiver"
ESSENTIAL = True


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the cluster by what its standbys hear."""
    if cluster.writers:
        yield passed(None, f"{cluster.writers[0].name} answers")
        return
    receiving = [node for node in cluster.standbys if node.receivers is None or node.receivers]
    foreign = [node for node in receiving if cluster.upstream(node) is None]
    hearing = [node.name for node in foreign if _hears(node)]
    if hearing:
        yield failed(
            None,
            f"no primary can be reached from here, but {', '.join(hearing)} can still hear one: it is alive",
            "don't promote; find out why the primary can't be reached from here",
        )
    elif foreign:
        names = ", ".join(node.name for node in foreign)
        yield unknown(
            None,
            f"no primary answers, and whether {names} has lost it too can't be told yet",
            remedy="prove that the primary is stopped, or fence it off, before you promote",
        )
    elif not cluster.standbys:
        yield skipped(None, "no node answers")
    else:
        yield from _gone(cluster)


def _gone(cluster: Cluster) -> Iterator[Outcome]:
    """Nobody hears from a primary."""
    hung = [node.name for node in cluster.silent if _may_run(node)]
    if hung:
        yield unknown(
            None,
            f"no standby hears from a primary, but {', '.join(hung)} may run: no answer is no proof",
            remedy=f"prove that {', '.join(hung)} is stopped, or fence it off, before you promote",
        )
    else:
        yield failed(
            None,
            "no primary answers, and no standby hears from one: that is likely, and no proof, that it is stopped",
            "prove that it is stopped, or fence it off, before you promote",
            weight=Weight.WARNING,
            matters=EMERGENCY_ONLY,
        )


def _may_run(node: Node) -> bool:
    """Whether a node without an answer may be a primary that runs; one that is only seen as fed is a standby."""
    return node.failure is not None and node.failure.kind not in {FailureKind.REFUSED, FailureKind.UNSEEN}


def _hears(node: Node) -> bool:
    """Whether messages came while it was watched."""
    heard = [position.last_message for position in node.positions if position.last_message is not None]
    return len(heard) > 1 and heard[-1] > heard[0]
