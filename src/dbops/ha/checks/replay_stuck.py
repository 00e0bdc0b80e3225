"""Replay takes up what is received.

Why: A promotion replays first what is left, and waits as replay does. A query on the standby that is in its way holds
up a promotion as well, until max_standby_streaming_delay is over, which may be never. Where replay has come to a record
that is not there to its end, or that it can't read, a promotion ends right there: what was received behind it is lost.

Instead: End the query. If the standby's log says "invalid record length", "incorrect prev-link" or "record with
incorrect CRC" again and again, what it receives isn't the continuation of what it has: pg_rewind it, or make it anew.

Versions: pg_stat_activity shows what replay waits for to pg_monitor.

Source: tried on 15 and 18: pg_promote gives up at its own timeout, with the query still in the way. Replay that is
paused or delayed on purpose is judged by replay-paused and apply-delay.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.replay import Cause, Standstill, backlog, standstill, waits_on_purpose
from dbops.ha.snapshot import Node
from dbops.results.figures import size
from dbops.results.ha import Weight
from dbops.results.progress import duration

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "positions"

_LONG = 1.0
"""Seconds from which replay that works at something is worth a word; dbops's own threshold."""
_QUERIES = (
    "SELECT pid, xact_start, query FROM pg_stat_activity WHERE backend_type = 'client backend' ORDER BY xact_start;"
)


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    for node in cluster.standbys:
        still, left = standstill(node), backlog(node)
        if waits_on_purpose(node):
            yield skipped(node, "replay waits on purpose")
        elif left is None or (left > 0 and len(node.positions) < 2):
            yield unknown(node, "whether replay goes on is unknown", remedy="ask again")
        elif still is None or (still.cause is Cause.BUSY and still.seconds < _LONG):
            yield passed(node, "replay takes up what is received")
        else:
            yield _judged(node, still)


def _judged(node: Node, still: Standstill) -> Outcome:
    where = f"stands still since {duration(still.seconds)} or more, {size(still.bytes)} before the end"
    match still.cause:
        case Cause.HELD:
            return _held(node, where)
        case Cause.NO_RECORD:
            return failed(
                node,
                f"replay {where} of what is received: a promotion would end there",
                "see why its upstream sends no more, and whether its log says that a record can't be read",
                weight=Weight.WARNING,
            )
        case Cause.BUSY:
            return failed(node, f"replay {where}, at work", "see what its disks do", weight=Weight.WARNING)
    return unknown(node, f"replay {where}, and what it waits for is unknown", "activity")


def _held(node: Node, where: str) -> Outcome:
    setting = node.setting("max_standby_streaming_delay")
    remedy = f"on {node.name}:\n{_QUERIES}\n-- then pg_terminate_backend(pid)"
    if setting is None or setting.number is None or setting.number < 0:
        return failed(node, f"replay {where}, held up by a query: a promotion waits until that ends", remedy)
    limit = duration(setting.number / 1000)
    message = f"replay {where}, held up by a query: a promotion waits for it, {limit} at most"
    return failed(node, message, remedy, weight=Weight.WARNING)
