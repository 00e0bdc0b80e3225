"""The nodes' clocks agree.

Why: After a failover to a node whose clock is behind, now() goes back: rows seem to come from the future, and tokens,
leases and caches that compare times are wrong. Lag that is told by times of commit is wrong by as much, and a recovery
to a point in time ends at another one.

Instead: Mend time synchronisation (chronyc tracking, timedatectl) on the node that is wrong; which one that is can't be
told from here.

Source: clock_timestamp() of each node, held against dbops's own steady clock at the middle of question and answer, and
the nodes against each other. Half of each answer's time is what this can be wrong by; of several answers the quickest
counts. One second is dbops's own threshold: synchronised clocks differ by some milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight
from dbops.results.progress import duration

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "positions"

_LIMIT_S = 1.0


@dataclass(frozen=True, slots=True)
class _Clock:
    """A server's clock minus dbops's own, and by how much that can be wrong."""

    offset: float
    error: float


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby against the primary, or without one against the first standby."""
    writers, standbys = cluster.writers, cluster.standbys
    model = writers[0] if writers else standbys[0] if standbys else None
    others = [node for node in (*writers, *standbys) if node is not model]
    if model is None or not others:
        yield skipped(model, "there is no other clock to compare with")
    else:
        for node in others:
            yield _judged(model, node)


def _judged(model: Node, node: Node) -> Outcome:
    wanted, own = _clock(model), _clock(node)
    if wanted is None or own is None:
        return unknown(node, f"the clock of {node.name if own is None else model.name} is unknown")
    skew, error = own.offset - wanted.offset, own.error + wanted.error
    which = "ahead of" if skew > 0 else "behind"
    apart = f"its clock is {duration(abs(skew))} {which} {model.name}'s (to within {duration(error)})"
    if abs(skew) - error > _LIMIT_S:
        return failed(node, apart, f"chronyc tracking, on {node.name} and {model.name}")
    if abs(skew) + error > _LIMIT_S:
        return unknown(node, f"{apart}: the answers took too long to tell")
    return passed(node, f"its clock is within {duration(abs(skew) + error)} of {model.name}'s")


def _clock(node: Node) -> _Clock | None:
    if not node.positions:
        return None
    quickest = min(node.positions, key=lambda each: each.answered - each.asked)
    middle = (quickest.asked + quickest.answered) / 2
    return _Clock(quickest.clock - middle, (quickest.answered - quickest.asked) / 2)
