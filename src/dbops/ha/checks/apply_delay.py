"""Replay is not delayed on purpose.

Why: A standby with recovery_min_apply_delay waits before it replays a commit. A promotion does not wait: it replays all
that was received, also the mistake one wanted to be safe from, and takes as long as that takes. Until then queries on
it see old rows.

Instead: Promote another standby. Where it must be this one: `ALTER SYSTEM SET recovery_min_apply_delay = 0; SELECT
pg_reload_conf()`, and wait until it has caught up.

Source: tried on 13 to 18.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.results.ha import Weight
from dbops.results.progress import duration

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "settings"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    for node in cluster.standbys:
        delay = node.setting("recovery_min_apply_delay")
        if delay is None or delay.number is None:
            yield unknown(node, "whether replay is delayed on purpose is unknown", "settings")
        elif delay.number == 0:
            yield passed(node, "replay is not delayed on purpose")
        else:
            yield failed(
                node,
                f"replay is {duration(delay.number / 1000)} late on purpose; a promotion replays everything at once",
                "ALTER SYSTEM SET recovery_min_apply_delay = 0;\nSELECT pg_reload_conf();",
            )
