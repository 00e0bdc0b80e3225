"""What a statement is for: whether it only reads, and what of."""

from __future__ import annotations

from typing import NamedTuple

from dbops.sql.lock_modes import Mode
from dbops.sql.locks import taken
from dbops.sql.nodes import Node, Relation, kind, named, walk
from dbops.sql.normalized import readable
from dbops.sql.split import SqlSyntaxError, split


class Purpose(NamedTuple):
    """What the text of a statement tells.

    ``refused`` says in a phrase why a standby would refuse it, None for a query that only reads as far as its text
    tells: what ``functions`` do, and what is behind ``relations`` that are views, it can't. ``unreadable`` says why
    nothing is known. ``query`` is false for what controls the session or changes the schema.
    """

    refused: str | None
    unreadable: str | None = None
    query: bool = True
    relations: frozenset[str] = frozenset()
    functions: frozenset[Relation] = frozenset()


def purpose(sql: str) -> Purpose:
    """Return what a statement is for, as pg_stat_statements or a log has it."""
    try:
        (statement,) = split(readable(sql), data_apart=True)
    except (SqlSyntaxError, ValueError):
        return Purpose(None, "it can't be parsed")
    return purpose_of(statement.node)


def purpose_of(node: Node | None) -> Purpose:
    """Return what a parsed statement is for; None is one that is too deep to be read."""
    if node is None:
        return Purpose(None, "it is too deep to be analysed")
    name = kind(node)
    if name in _WRITES:
        return Purpose(f"it writes {node.relation.relname}")
    if name != "SelectStmt":
        return Purpose("it is no query", query=False)
    return Purpose(_refused(node), relations=_relations(node), functions=_functions(node))


_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


def _refused(select: Node) -> str | None:
    if select.HasField("into_clause"):
        return "it makes a table (SELECT INTO)"
    for lock in taken(select).locks:
        if lock.mode is Mode.ROW_SHARE:
            return f"it locks rows of {lock.relation} (FOR UPDATE, FOR SHARE …)"
        if lock.mode is not Mode.ACCESS_SHARE:
            return f"it writes {lock.relation}"
    return None


def _relations(select: Node) -> frozenset[str]:
    return frozenset(lock.relation for lock in taken(select).locks)


def _functions(select: Node) -> frozenset[Relation]:
    return frozenset(named(node.funcname) for node in walk(select) if kind(node) == "FuncCall")
