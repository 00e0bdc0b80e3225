"""Settings of which a standby needs at least as much as its primary has. Pure.

Source: https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
"""

from __future__ import annotations

from collections.abc import Mapping

from dbops.ha.snapshot import Node

LIMITS = (
    "max_connections",
    "max_worker_processes",
    "max_wal_senders",
    "max_prepared_transactions",
    "max_locks_per_transaction",
)


def limit(node: Node, name: str) -> int | None:
    """Return a node's limit, None where it can't be seen."""
    setting = node.setting(name)
    return None if setting is None else setting.number


def too_low(primary: Node, standby: Node) -> Mapping[str, tuple[int, int]]:
    """Return the limits that are known to be lower than the primary's, with both values, the standby's first."""
    pairs = {name: (limit(standby, name), limit(primary, name)) for name in LIMITS}
    return {
        name: (own, wanted)
        for name, (own, wanted) in pairs.items()
        if own is not None and wanted is not None and own < wanted
    }
