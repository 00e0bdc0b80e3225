"""A standby loads the libraries that the primary loads at its start.

Why: What shared_preload_libraries names is loaded at a server's start alone. A standby without one of them becomes a
primary on which audit, statistics or scheduled jobs are missing, or on which tables can't be used at all (timescaledb,
citus, pg_tde refuse to work unless they are preloaded). Adding it takes a restart of the new primary.

Instead: The same shared_preload_libraries on all nodes, and a restart of the standby now.

Source: shared_preload_libraries, which only roles with pg_read_all_settings (pg_monitor) see. Libraries that no
extension of the list above needs are a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import beside
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "settings"

_INDISPENSABLE = frozenset({"citus", "pg_tde", "timescaledb"})
_NAME = "shared_preload_libraries"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each standby."""
    return beside(cluster, _judged)


def _judged(primary: Node, node: Node) -> Outcome:
    wanted, own = _libraries(primary), _libraries(node)
    if wanted is None:
        remedy = primary.denied.get("settings")
        return unknown(node, f"the primary's {_NAME} can't be seen", remedy=remedy)
    if own is None:
        return unknown(node, f"its {_NAME} can't be seen", "settings")
    missing = wanted - own
    if not missing:
        return passed(node, f"preloads {', '.join(sorted(wanted))}" if wanted else "nothing is preloaded")
    setting = node.setting(_NAME)
    waits = setting is not None and setting.pending_restart
    message = f"does not preload {', '.join(sorted(missing))}, as the primary does"
    return failed(
        node,
        f"{message}; its restart is pending" if waits else message,
        f"restart {node.name}" if waits else f"{_NAME} as on {primary.name}, then restart {node.name}",
        weight=Weight.BLOCKER if missing & _INDISPENSABLE else None,
    )


def _libraries(node: Node) -> frozenset[str] | None:
    setting = node.setting(_NAME)
    if setting is None:
        return None
    named = (part.strip().strip('"').removeprefix("$libdir/") for part in setting.value.split(","))
    return frozenset(name for name in named if name)
