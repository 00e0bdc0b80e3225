"""What running a statement once more, or skipping it, would do."""

from __future__ import annotations

from dbops.sql.nodes import Node, choice, kind

_REPEATABLE = frozenset(
    {
        "VacuumStmt",
        "AlterSystemStmt",
        "ReindexStmt",
        "ClusterStmt",
        "DiscardStmt",
        "AlterDatabaseStmt",
        "CheckPointStmt",
    }
)


def repeatable(node: Node | None) -> bool:
    """Whether a statement that can't be in a transaction does no harm when it is run a second time."""
    return node is not None and kind(node) in _REPEATABLE


def sets_session(node: Node | None) -> bool:
    """Whether the statement only changes a setting of the session, which is gone when the session is."""
    return node is not None and kind(node) == "VariableSetStmt" and choice(node, "kind") != "VAR_SET_MULTI"
