"""INSERT of rows that are written out, as dumps and seeds have them by the million."""

from __future__ import annotations

from dbops.sql.nodes import Node, inner, kind

_INSERT = frozenset({"relation", "cols", "select_stmt", "override"})
_VALUES = frozenset({"values_lists", "limit_option", "op"})
_CONSTANTS = frozenset({"A_Const", "ParamRef", "SetToDefault"})


def only_constants(node: Node) -> bool:
    """Whether a statement is ``INSERT INTO … (…) VALUES (…), (…)`` with nothing but constants in it."""
    if kind(node) != "InsertStmt" or not node.cols or not _fields(node) <= _INSERT:
        return False
    query = inner(node.select_stmt)
    if query is None or not query.values_lists or not _fields(query) <= _VALUES:
        return False
    return all(kind(inner(value)) in _CONSTANTS for row in query.values_lists for value in inner(row).items)


def _fields(node: Node) -> set[str]:
    return {field.name for field, _ in node.ListFields()}
