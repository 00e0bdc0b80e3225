"""No standby is further behind than the limits allow.

Why: What a standby has not received is lost when the primary is; what it has received and not replayed is how long a
promotion takes, and how stale its answers are. Bytes are what is lost, seconds what people understand.

Instead: Look for what holds replay up (a query in conflict, a slow disk, one busy CPU: replay has a single process) or
for the network that holds receiving up. Slow the writers down before a planned switchover.

Source: positions of both servers, read by dbops itself (a lag that a server reports of itself is 0 with a dead
receiver, NULL when idle, and too small under an apply delay). The limits are --warning-lag, --critical-lag,
--warning-delay and --critical-delay.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.lag import Lag
from dbops.ha.snapshot import Limits, Node
from dbops.results.figures import size
from dbops.results.ha import Weight
from dbops.results.progress import duration

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "positions"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    for node in cluster.standbys:
        lag = cluster.lag(node)
        if lag.bytes is None or lag.loss_bytes is None:
            yield unknown(node, f"how far it is behind is unknown: {_why(cluster)}")
        else:
            yield _judged(cluster.limits, node, lag, max(lag.bytes, lag.loss_bytes))


def _why(cluster: Cluster) -> str:
    if len(cluster.writers) > 1:
        return "there is more than one primary"
    return "no primary answers" if cluster.primary is None else "positions aren't comparable"


def _judged(limits: Limits, node: Node, lag: Lag, behind: int) -> Outcome:
    seconds = lag.seconds or 0.0
    parts = [f"{size(behind)} behind"]
    if behind:
        parts.append("for an unknown time" if lag.seconds is None else f"for {duration(seconds)} at most")
    if lag.is_rising and lag.rising is not None:
        parts.append(f"rising by {size(int(lag.rising))}/s")
    message = ", ".join(parts)
    remedy = "SELECT * FROM pg_stat_activity WHERE backend_type IN ('startup', 'walreceiver')"
    if behind >= limits.critical_lag or seconds >= limits.critical_delay:
        return failed(node, message, remedy)
    if behind >= limits.warning_lag or seconds >= limits.warning_delay:
        return failed(node, message, remedy, weight=Weight.WARNING)
    if behind and lag.seconds is None:
        return unknown(node, message)
    return passed(node, message)
