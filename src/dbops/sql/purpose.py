"""What a statement is for: whether it only reads, and what of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    nothing is known. ``query`` is false for what controls the session or changes the schema. ``implicit`` are the names
    of operators and of types that it casts to: they may call functions as well.
    """

    refused: str | None
    unreadable: str | None = None
    query: bool = True
    relations: frozenset[str] = frozenset()
    functions: frozenset[Relation] = frozenset()
    implicit: frozenset[str] = frozenset()


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
    return Purpose(
        _refused(node), relations=_relations(node), functions=_functions(node), implicit=frozenset(_implicit(node))
    )


def together(purposes: Iterable[Purpose]) -> Purpose:
    """Return what several queries do: what stands against one of them stands against all."""
    found = tuple(purposes)
    return Purpose(
        next((each.refused for each in found if each.refused is not None), None),
        next((each.unreadable for each in found if each.unreadable is not None), None),
        all(each.query for each in found),
        frozenset().union(*(each.relations for each in found)),
        frozenset().union(*(each.functions for each in found)),
        frozenset().union(*(each.implicit for each in found)),
    )


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


def _implicit(select: Node) -> Iterator[str]:
    for node in walk(select):
        match kind(node):
            case "A_Expr" if node.name:
                yield named(node.name).name
            case "SubLink" if node.oper_name:
                yield named(node.oper_name).name
            case "TypeCast":
                yield named(node.type_name.names).name
