"""The nodes have the same settings, and none waits for a restart.

Why: postgresql.conf is not replicated. After a failover the application meets the settings of another node: less
memory, other plans, another time zone, a synchronous_commit that loses data, or a value that was changed a year ago and
comes into force with the restart.

Instead: Set it alike on all nodes, best from one template; restart a node whose settings wait for it.

Which settings: those whose change is noticed by applications or by the next failover. Limits that a standby needs are
standby-settings, archiving is archive-settings. A setting that this role, its database or its connection string has a
value of its own for can't be compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.primary import untold
from dbops.ha.snapshot import Node, Setting
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "settings"

_SETTINGS = (
    # how safe a commit is, and what the WAL holds
    "fsync", "full_page_writes", "synchronous_commit", "wal_level", "wal_log_hints", "track_commit_timestamp",
    # what the next standby and the next failover meet
    "hot_standby", "max_replication_slots", "max_slot_wal_keep_size", "wal_keep_size", "ssl",
    # memory, and the pace of writing
    "shared_buffers", "work_mem", "maintenance_work_mem", "temp_file_limit", "max_wal_size", "checkpoint_timeout",
    "autovacuum",
    # plans
    "effective_cache_size", "random_page_cost", "seq_page_cost", "default_statistics_target", "jit",
    "max_parallel_workers", "max_parallel_workers_per_gather",
    # what a session is like
    "TimeZone", "DateStyle", "IntervalStyle", "lc_messages", "lc_monetary", "lc_numeric", "lc_time",
    "default_text_search_config", "default_transaction_isolation", "default_tablespace", "search_path", "bytea_output",
    "idle_in_transaction_session_timeout", "lock_timeout", "password_encryption", "row_security",
    "session_preload_libraries",
)  # fmt: skip
# statement_timeout is missing: dbops sets its own, so that the node's is not seen.


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node for what waits for a restart, each standby also for what differs from the primary."""
    for node in cluster.nodes:
        if node.answers:
            yield _judged(cluster, node)


def _judged(cluster: Cluster, node: Node) -> Outcome:
    primary = cluster.primary
    waiting = sorted(name for name, setting in (node.settings or {}).items() if setting.pending_restart)
    different = [] if primary is None or not node.is_standby else _differences(primary, node)
    if waiting or different:
        parts = [listed(different)] if different else []
        parts += [f"in force only after a restart: {listed(waiting)}"] if waiting else []
        remedy = f"set them alike on {node.name} and {primary.name}" if different and primary else ""
        return failed(node, "; ".join(parts), remedy or f"restart {node.name}, or set back what should not change")
    if node.settings is None or "settings" in node.denied:
        return unknown(node, "some of its settings can't be seen", "settings")
    if not node.is_standby:
        return passed(node, "no setting waits for a restart")
    if primary is None:
        return untold(cluster, node)
    return _alike(primary, node)


def _differences(primary: Node, node: Node) -> list[str]:
    return [
        f"{name} is {_shown(own)}, the primary's {_shown(wanted)}"
        for name, own, wanted in _pairs(primary, node)
        if own is not None and wanted is not None and _comparable(own, wanted) and own.value != wanted.value
    ]


def _alike(primary: Node, node: Node) -> Outcome:
    """Return what is to be said where no difference was seen."""
    hidden = [name for name, own, wanted in _pairs(primary, node) if own is None or wanted is None]
    if hidden:
        return unknown(node, f"can't be compared: {listed(hidden)}", remedy=primary.denied.get("settings"))
    masked = [name for name, own, wanted in _pairs(primary, node) if own and wanted and not _comparable(own, wanted)]
    if masked:
        message = f"this role, its database or its connection string has a value of its own: {listed(masked)}"
        return unknown(node, message, remedy="connect as a role without settings of its own")
    return passed(node, f"{len(_SETTINGS)} settings are the same as the primary's, none waits for a restart")


def _pairs(primary: Node, node: Node) -> Iterator[tuple[str, Setting | None, Setting | None]]:
    for name in _SETTINGS:
        yield name, node.setting(name), primary.setting(name)


def _comparable(*settings: Setting) -> bool:
    return not any(setting.is_sessions_own for setting in settings)


def _shown(setting: Setting) -> str:
    if setting.value == "":
        return "''"
    if setting.unit is None or setting.value == "-1":
        return setting.value
    # 16384 of 8kB reads like a decimal otherwise
    return f"{setting.value} {'× ' if setting.unit[0].isdigit() else ''}{setting.unit}"
