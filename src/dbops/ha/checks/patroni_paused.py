"""Patroni is not paused.

Why: A paused Patroni promotes nobody when the leader is lost: the cluster stays without a writer until a person acts.
Pauses are for maintenance, and are forgotten.

Instead: `patronictl resume`. While it is paused, a switchover needs a named candidate, and so does the failover that a
person starts (`patronictl failover --candidate NAME`).

Source: `pause` of `GET /cluster`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import EMERGENCY_ONLY, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = EMERGENCY_ONLY
QUERY = "GET /cluster"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the cluster."""
    patroni = cluster.patroni
    if patroni is None or patroni.failure is not None:  # patroni-answers says so
        return
    if patroni.paused is None:
        yield unknown(None, "whether Patroni is paused is unknown")
    elif patroni.paused:
        yield failed(None, "Patroni is paused: it promotes nobody by itself", "patronictl resume")
    else:
        yield passed(None, "Patroni is not paused")
