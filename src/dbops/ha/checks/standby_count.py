"""As many standbys stream as there should be.

Why: A standby that nobody names any more is missed by nobody. Only a number that a person gave tells that one is gone.

Instead: `--expect-standbys N`, or `ha.expect_standbys` in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, skipped
from dbops.ha.cluster import Cluster
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "downstreams"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the cluster."""
    expected = cluster.limits.expect_standbys
    if len(cluster.nodes) == 1 and cluster.writers:
        message = "there is no standby, or none that is known"
        yield failed(None, message, "name the standbys with --node, or make one", weight=Weight.BLOCKER)
        return
    if expected is None:
        yield skipped(None, "no number of standbys is expected (--expect-standbys)")
        return
    streaming = [node for node in cluster.standbys if node.receivers and node.receivers[0].status == "streaming"]
    message = f"{len(streaming)} of {expected} expected standbys stream"
    if len(streaming) < expected:
        yield failed(None, message, "bring the missing one back, or correct --expect-standbys")
    else:
        yield passed(None, message)
