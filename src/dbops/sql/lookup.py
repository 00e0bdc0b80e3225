"""Whether a query looks rows up by a key, and the same query for many keys at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from dbops.sql.deparse import expression
from dbops.sql.nodes import Node, choice, inner, kind, named, walk

_AGGREGATES = frozenset(
    {"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "bool_and", "bool_or"}
)
_ONE = frozenset({1, 21})
"""Limits of who wants one row: Django's get() asks for 21, to say when there are more."""
_PARAMETER = re.compile(r"\$(\d+)\Z")


class Equality(NamedTuple):
    """``column = value``, one of the conditions that all must hold; ``parameter`` is N of a value ``$N``."""

    column: str
    value: str
    parameter: int | None


class Lookup(NamedTuple):
    """A SELECT with its equalities, in the order of its text.

    ``one`` says that it fetches the first row alone (LIMIT 1), ``paged`` that it skips rows (OFFSET), ``locks`` that
    it locks what it finds (FOR UPDATE).
    """

    equalities: tuple[Equality, ...]
    one: bool
    paged: bool
    locks: bool


@lru_cache(maxsize=4096)  # what has parameters is asked about again and again
def lookup(sql: str) -> Lookup | None:
    """Return what a query compares with values; None for what is no single SELECT, or compares nothing for equality."""
    select = _select(_parsed(sql))
    if select is None:
        return None
    equalities = tuple(equality for equality, _ in _equalities(select))
    if not equalities:
        return None
    limit = inner(select.limit_count) if select.HasField("limit_count") else None
    return Lookup(
        equalities,
        one=limit is not None and kind(limit) == "A_Const" and limit.ival.ival in _ONE,
        paged=select.HasField("limit_offset"),
        locks=len(select.locking_clause) > 0,
    )


def batched(sql: str, place: int) -> str | None:
    """Return the query with the equality of that place as ``= ANY($n)``, and every value as a parameter.

    The column that is compared is returned too, so that rows find back to whom they belong, and aggregates are grouped
    by it. None for what would mean something else for many keys: the first rows of each, and window functions.
    """
    from google.protobuf.message import EncodeError
    from postgast import PgQueryError, deparse, normalize

    try:
        tree = _parsed(normalize(sql))
        select = _select(tree)
        if select is None or _depends_on_one(select):
            return None
        equality, condition = list(_equalities(select))[place]
        _ask_for_any(condition, _parameter_of(condition))
        select.ClearField("limit_count")
        select.ClearField("limit_option")
        if not _returns(select, equality.column):
            _target(select).val.CopyFrom(condition.lexpr)
        if _aggregates(select) or select.group_clause:
            select.group_clause.add().CopyFrom(condition.lexpr)
        return str(deparse(tree))
    except (PgQueryError, EncodeError, IndexError, UnicodeDecodeError):
        return None


def _depends_on_one(select: Node) -> bool:
    """Whether there are first rows, or numbered ones: a limit on a lookup of one row takes none away."""
    if select.HasField("limit_offset"):
        return True
    if select.HasField("limit_count"):
        limit = inner(select.limit_count)
        single = kind(limit) in {"A_Const", "ParamRef"} and not select.sort_clause
        if not single or (kind(limit) == "A_Const" and limit.ival.ival not in _ONE):
            return True
    return any(kind(node) == "FuncCall" and node.HasField("over") for node in walk(select))


def _aggregates(select: Node) -> bool:
    return any(
        kind(node) == "FuncCall" and named(node.funcname).name in _AGGREGATES
        for target in select.target_list
        for node in walk(inner(target).val)
    )


def _parsed(sql: str) -> Any:
    from postgast import PgQueryError, parse

    try:
        return parse(sql)
    except (PgQueryError, UnicodeEncodeError, ValueError):
        return None


def _select(tree: Any) -> Node | None:
    """Return the one SELECT of a parsed text that is no set operation and no VALUES."""
    if tree is None or len(tree.stmts) != 1:
        return None
    node = inner(tree.stmts[0].stmt)
    if node is None or kind(node) != "SelectStmt" or choice(node, "op") != "SETOP_NONE" or not node.from_clause:
        return None
    return node


def _equalities(select: Node) -> Iterator[tuple[Equality, Node]]:
    """Yield the equalities that all must hold, each with the node of its condition."""
    if not select.HasField("where_clause"):
        return
    for condition in _all_of(select.where_clause):
        found = _equality(inner(condition))
        if found is not None:
            yield found, inner(condition)


def _all_of(condition: Node) -> Iterator[Node]:
    node = inner(condition)
    if kind(node) == "BoolExpr" and choice(node, "boolop") == "AND_EXPR":
        for each in node.args:
            yield from _all_of(each)
    else:
        yield condition


def _equality(node: Node) -> Equality | None:
    """Read ``column = value`` and ``column IN (value)``; a value is a constant or a parameter, maybe with a cast."""
    if kind(node) != "A_Expr" or [inner(part).sval for part in node.name] != ["="]:
        return None
    if kind(inner(node.lexpr)) != "ColumnRef":
        return None
    value = _value(node)
    if value is None:
        return None
    text = expression(value)
    match = _PARAMETER.match(expression(_bare(value)))
    return Equality(expression(node.lexpr), text, int(match[1]) if match else None)


def _value(node: Node) -> Node | None:
    """Return the one value that the column is compared with."""
    if choice(node, "kind") == "AEXPR_IN":
        items = inner(node.rexpr).items
        value = items[0] if len(items) == 1 else None
    else:
        value = node.rexpr if choice(node, "kind") == "AEXPR_OP" else None
    return value if value is not None and kind(inner(_bare(value))) in {"A_Const", "ParamRef"} else None


def _bare(value: Node) -> Node:
    while kind(inner(value)) == "TypeCast":
        value = inner(value).arg
    return value


def _parameter_of(condition: Node) -> int:
    number: int = inner(_bare(_value(condition))).number
    return number


def _ask_for_any(condition: Node, number: int) -> None:
    """Turn ``column = $n`` into ``column = ANY($n)``."""
    values = type(condition).DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_name
    condition.kind = values["AEXPR_OP_ANY"].number
    condition.ClearField("rexpr")
    condition.rexpr.param_ref.number = number


def _returns(select: Node, column: str) -> bool:
    """Whether a column, or all of them, are among what is selected."""
    for target in select.target_list:
        value = inner(target).val
        reference = inner(value)
        if kind(reference) != "ColumnRef":
            continue
        if kind(inner(reference.fields[-1])) == "A_Star" or _last(expression(value)) == _last(column):
            return True
    return False


def _last(column: str) -> str:
    return column.rsplit(".", 1)[-1]


def _target(select: Node) -> Node:
    """Return a column more of what is selected, at its end, where no ``ORDER BY 1`` counts it."""
    return select.target_list.add().res_target
