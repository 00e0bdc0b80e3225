"""What running a statement once more, or skipping it in another session, would do."""

from __future__ import annotations

import re

from dbops.sql.nodes import Node, choice, inner, kind
from dbops.sql.split import Statement

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
_ONLY_SESSION = frozenset({"LoadStmt", "ListenStmt", "PrepareStmt"})
_ENDS_TRANSACTION = re.compile(r"\b(?:commit|rollback|call)\b", re.IGNORECASE)


def repeatable(node: Node | None) -> bool:
    """Whether a statement that can't be in a transaction does no harm when it is run a second time."""
    return node is not None and kind(node) in _REPEATABLE


def sets_session(node: Node | None) -> bool:
    """Whether the statement only changes the session: settings (SET, SELECT set_config), LOAD, LISTEN, PREPARE."""
    if node is None:
        return False
    if kind(node) == "VariableSetStmt":
        return choice(node, "kind") != "VAR_SET_MULTI"
    return kind(node) in _ONLY_SESSION or _only_sets_config(node)


def lives_in_session(node: Node | None) -> bool:
    """Whether what the statement makes ends with its session: a temporary table, a cursor."""
    if node is None:
        return False
    match kind(node):
        case "CreateStmt" | "ViewStmt" | "CreateSeqStmt":
            made = (
                node.view
                if kind(node) == "ViewStmt"
                else node.sequence
                if kind(node) == "CreateSeqStmt"
                else node.relation
            )
            return bool(made.relpersistence == "t")
        case "CreateTableAsStmt":
            return bool(node.into.rel.relpersistence == "t")
    return kind(node) == "DeclareCursorStmt"


def may_have_committed(statement: Statement) -> bool:
    """Whether a CALL or DO that failed may have committed part of its work before: by the words in it."""
    if statement.node is None or kind(statement.node) not in {"CallStmt", "DoStmt"}:
        return False
    return kind(statement.node) == "CallStmt" or _ENDS_TRANSACTION.search(statement.text) is not None


def _only_sets_config(node: Node) -> bool:
    if kind(node) != "SelectStmt" or not node.target_list or node.from_clause:
        return False
    values = [inner(inner(target).val) for target in node.target_list]
    return all(
        value is not None and kind(value) == "FuncCall" and inner(value.funcname[-1]).sval == "set_config"
        for value in values
    )
