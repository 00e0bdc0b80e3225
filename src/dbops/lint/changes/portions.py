"""How much of its table an UPDATE or DELETE touches, as far as its WHERE tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from dbops.schema.model import Table
from dbops.sql.nodes import Node, choice, conjuncts, inner, kind

_LIKELY_KEY = re.compile(r"(?:.*_)?(?:id|uuid|key|code|slug|email|name)")
_CONSTANTS = frozenset({"A_Const", "ParamRef", "SQLValueFunction"})
_COMPARISONS = frozenset({"<", "<=", ">", ">="})


class Portion(Enum):
    """A part of a table."""

    ALL = "every row"
    MANY = "a part that nothing bounds"
    MATCHING = "the rows with some value in a column that is no key"
    FEW = "rows named by a key, or a batch"


def portion(node: Node, table: Table | None) -> Portion:
    """Return how much an UPDATE or DELETE touches of its table, of which ``table`` is known."""
    if inner(node.where_clause) is None:
        return Portion.ALL
    conditions = [inner(each) for each in conjuncts(node.where_clause)]
    if _only_values(node) or any(_is_batch(each, node) for each in conditions):
        return Portion.FEW
    equal = {column for each in conditions if (column := _equal(each)) is not None}
    ranges = _ranges(conditions)
    if _names_a_row(equal, table) or any(_names_a_row({column}, table) for column in ranges):
        return Portion.FEW
    return Portion.MATCHING if equal else Portion.MANY


def _names_a_row(columns: set[str], table: Table | None) -> bool:
    if "ctid" in columns:
        return True
    if table is not None and table.keys:
        return any(key <= columns for key in table.keys)
    return any(_LIKELY_KEY.fullmatch(column) for column in columns)


def _equal(condition: Node) -> str | None:
    """Return the column that a condition makes equal to one or several constants."""
    if kind(condition) != "A_Expr" or [inner(each).sval for each in condition.name] != ["="]:
        return None
    left, right = inner(condition.lexpr), inner(condition.rexpr)
    if choice(condition, "kind") == "AEXPR_OP" and _column(left) is None:
        left, right = right, left
    return _column(left) if _is_constant(right) else None


def _ranges(conditions: Iterable[Node]) -> set[str]:
    """Return the columns that conditions bound from below and above."""
    below: set[str] = set()
    above: set[str] = set()
    between: set[str] = set()
    for each in conditions:
        column = _column(inner(each.lexpr)) if kind(each) == "A_Expr" else None
        if column is None or not _is_constant(inner(each.rexpr)):
            continue
        if choice(each, "kind") == "AEXPR_BETWEEN":
            between.add(column)
        elif choice(each, "kind") == "AEXPR_OP" and inner(each.name[-1]).sval in _COMPARISONS:
            (below if inner(each.name[-1]).sval.startswith("<") else above).add(column)
    return between | (below & above)


def _is_batch(condition: Node, statement: Node) -> bool:
    """Whether it takes a limited number of rows from a subquery (or from its WITH), or the row of a cursor."""
    if kind(condition) == "CurrentOfExpr":
        return True
    if kind(condition) != "SubLink" or choice(condition, "sub_link_type") != "ANY_SUBLINK":
        return False
    query = inner(condition.subselect)
    return kind(query) == "SelectStmt" and (query.HasField("limit_count") or _reads_a_batch(query, statement))


def _reads_a_batch(query: Node, statement: Node) -> bool:
    """Whether a query reads nothing but a part of the statement's WITH that has a LIMIT."""
    limited = {
        each.ctename
        for each in map(inner, statement.with_clause.ctes)
        if kind(inner(each.ctequery)) == "SelectStmt" and inner(each.ctequery).HasField("limit_count")
    }
    items = [inner(item) for item in query.from_clause]
    return bool(items) and all(kind(item) == "RangeVar" and item.relname in limited for item in items)


def _only_values(node: Node) -> bool:
    """Whether rows are matched with a list of VALUES."""
    items = [inner(item) for item in (node.from_clause if kind(node) == "UpdateStmt" else node.using_clause)]
    return bool(items) and all(
        kind(item) == "RangeSubselect" and len(inner(item.subquery).values_lists) > 0 for item in items
    )


def _column(node: Node | None) -> str | None:
    if node is None or kind(node) != "ColumnRef":
        return None
    last = inner(node.fields[-1])
    return str(last.sval) if kind(last) == "String" else None


def _is_constant(node: Node | None) -> bool:
    if node is None:
        return False
    match kind(node):
        case "TypeCast":
            return _is_constant(inner(node.arg))
        case "List":
            return all(_is_constant(inner(each)) for each in node.items)
        case "A_ArrayExpr":
            return all(_is_constant(inner(each)) for each in node.elements)
    return kind(node) in _CONSTANTS
