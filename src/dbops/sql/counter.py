"""Statements that only count: ``UPDATE … SET n = n + 1 WHERE key = …``, or INSERT … ON CONFLICT that does so."""

from __future__ import annotations

from typing import NamedTuple

from dbops.sql.keyed import Keyed, keyed
from dbops.sql.nodes import Node, choice, inner, kind, named
from dbops.sql.normalized import readable
from dbops.sql.split import SqlSyntaxError, split

_BROUGHT = "excluded"
_TIMES = frozenset({"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp"})


class Counter(NamedTuple):
    """``columns`` of ``table`` are counted up or down, in the rows that ``key`` columns name."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


def counter(sql: str) -> Counter | None:
    """Return what a statement counts, None for one that does something else, or that answers what it counted to.

    Beside what is counted it may note the time, which is as good when it is noted once for many.
    """
    text = readable(sql)
    found = keyed(text)
    try:
        (statement,) = split(text)
    except (SqlSyntaxError, ValueError):
        return None
    node = statement.node
    if found is None or node is None or not _only(node, found) or node.HasField("returning_clause"):
        return None
    sets = node.target_list if found.kind == "update" else node.on_conflict_clause.target_list
    counted = tuple(name for name, is_counted in map(_set, sets) if is_counted)
    noted = all(is_counted is not None for _, is_counted in map(_set, sets))
    key = found.target or frozenset(found.rows[0])
    return Counter(found.table, counted, tuple(sorted(key))) if counted and noted else None


def _set(target: Node) -> tuple[str, bool | None]:
    """Return a column, and whether it is counted; False for one that notes the time, None for anything else."""
    setting = inner(target)
    value = inner(setting.val)
    if kind(value) == "SQLValueFunction" or (kind(value) == "FuncCall" and named(value.funcname).name in _TIMES):
        return setting.name, False
    return setting.name, _adds_to(setting.name, value) or None


def _adds_to(column: str, value: Node) -> bool:
    """Whether it is ``column + x``, ``x + column`` or ``column - x``, with a constant or a parameter for x."""
    if kind(value) != "A_Expr" or choice(value, "kind") != "AEXPR_OP":
        return False
    left, right = _operand(value.lexpr), _operand(value.rexpr)
    match named(value.name).name:
        case "+":
            return (_is(left, column) and _is_constant(right)) or (_is(right, column) and _is_constant(left))
        case "-":
            return _is(left, column) and _is_constant(right)
    return False


def _operand(node: Node) -> Node:
    """Return an operand, without the coalesce that makes 0 of a counter that is NULL."""
    value = inner(node)
    while kind(value) in {"TypeCast", "CoalesceExpr"}:
        value = inner(value.arg if kind(value) == "TypeCast" else value.args[0])
    return value


def _is(node: Node, column: str) -> bool:
    return kind(node) == "ColumnRef" and inner(node.fields[-1]).sval == column


def _is_constant(node: Node) -> bool:
    """Whether it is a constant, a parameter, or the value that an upsert brings."""
    if kind(node) == "ColumnRef":
        return len(node.fields) == 2 and inner(node.fields[0]).sval == _BROUGHT
    return kind(node) in {"A_Const", "ParamRef"}


def _only(node: Node, found: Keyed) -> bool:
    """Whether nothing but keys decides on the rows: a condition on the counter itself must be asked each time."""
    if found.kind == "upsert":
        return len(found.rows) == 1 and not node.on_conflict_clause.HasField("where_clause")
    if found.kind != "update" or not found.rows[0]:
        return False
    condition = inner(node.where_clause)
    conditions = len(condition.args) if kind(condition) == "BoolExpr" else 1
    return conditions == len(found.rows[0]) and found.changed.isdisjoint(found.rows[0])
