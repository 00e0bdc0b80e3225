"""Targets at which a recovery would stop. Pure."""

from __future__ import annotations

from dbops.ha.snapshot import Node

TARGETS = (
    "recovery_target",
    "recovery_target_lsn",
    "recovery_target_name",
    "recovery_target_time",
    "recovery_target_xid",
)


def targets(node: Node) -> tuple[str, ...]:
    """Return the names of the targets that are set, as far as settings are known."""
    return tuple(name for name in TARGETS if (setting := node.setting(name)) is not None and setting.value)
