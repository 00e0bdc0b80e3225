"""A watchdog guards the leader.

Why: A Patroni that hangs can't stop its PostgreSQL when the leader lock expires. A standby is then promoted, and both
take writes until somebody notices. Only a watchdog, which resets the machine when Patroni falls silent, closes that
window.

Instead: `modprobe softdog`, give Patroni's user /dev/watchdog, and set `watchdog: {mode: required}` in patroni.yml.
With `automatic` Patroni leads without a watchdog too.

Source: `watchdog_failed` of the leader's own `GET /patroni`. It is told only for a watchdog that is required: its API
never says whether there is one, which changes no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import EMERGENCY_ONLY, Outcome, failed, unknown
from dbops.ha.cluster import Cluster
from dbops.results.ha import Status, Weight

WEIGHT = Weight.WARNING
MATTERS = EMERGENCY_ONLY
QUERY = "GET /patroni"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the leader's."""
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None or patroni.leader is None:  # other checks say so
        return
    leader = patroni.leader
    if leader.watchdog_failed is None:
        yield unknown(None, f"whether the watchdog of {leader.name} works is unknown: its REST API gives no answer")
    elif leader.watchdog_failed:
        yield failed(
            None,
            f"the watchdog that {leader.name} requires doesn't work: a hung Patroni leaves two writers",
            "modprobe softdog; ls -l /dev/watchdog; see Patroni's log",
        )
    else:
        yield Outcome(
            Status.UNKNOWN,
            None,
            f"no watchdog of {leader.name} has failed; whether there is one, Patroni's REST API doesn't say",
            "set `watchdog: {mode: required}` in patroni.yml, so that no member leads without one",
            Weight.INFO,
        )
