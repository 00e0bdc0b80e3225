"""Whether a query looks rows up by a key, and the same query for many keys at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from dbops.sql.deparse import expression
from dbops.sql.equality import Equality, Sides, bare, conditions, equalities, is_bound, parameter, sides
from dbops.sql.nodes import Node, choice, inner, kind, named, walk

_AGGREGATES = frozenset(
    {"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "bool_and", "bool_or"}
)
_ONE = frozenset({1, 21})
"""Limits of who wants one row: Django's get() asks for 21, to say when there are more."""
_SQUASHED = " /*, ... */"
"""What pg_stat_statements has since PostgreSQL 18 in place of all values of a list but the first."""


class Lookup(NamedTuple):
    """A SELECT with its equalities, in the order of its text.

    ``paged`` says that it skips rows (OFFSET), ``offset`` is N where ``$N`` says how many, which some programs send
    with every query as 0. ``bounded`` says that it begins at a value and takes the first rows from there (``> $2 …
    LIMIT``), ``locks`` that it locks what it finds (FOR UPDATE).
    """

    equalities: tuple[Equality, ...]
    paged: bool
    offset: int | None
    bounded: bool
    locks: bool


@lru_cache(maxsize=4096)  # what has parameters is asked about again and again
def lookup(sql: str) -> Lookup | None:
    """Return what a query compares with values; None for what is no query, or compares nothing for equality.

    The conditions of the queries within it come behind its own.
    """
    tree = _parsed(sql.replace(_SQUASHED, ", NULL"))
    query = inner(tree.stmts[0].stmt) if tree is not None and len(tree.stmts) == 1 else None
    if query is None or kind(query) != "SelectStmt":
        return None
    levels = [node for node in walk(query) if kind(node) == "SelectStmt"]
    found = tuple(equality._replace(nested=level is not query) for level in levels for equality, _ in equalities(level))
    if not found:
        return None
    offsets = [level.limit_offset for level in levels if level.HasField("limit_offset")]
    skips = [each for each in offsets if _number(each) != 0]
    numbers = [parameter(each) for each in skips]
    return Lookup(
        found,
        paged=None in numbers,
        offset=numbers[0] if numbers else None,
        bounded=any(level.HasField("limit_count") and any(map(is_bound, conditions(level))) for level in levels),
        locks=any(len(level.locking_clause) > 0 for level in levels),
    )


def batched(sql: str, place: int) -> str | None:
    """Return the query with the equality of that place as ``= ANY($n)``, and every value as a parameter.

    The column that is compared is returned too, so that rows find back to whom they belong, and aggregates are grouped
    by it. None for what would mean something else for many keys: the first rows of each, and window functions. An
    OFFSET that is a parameter is taken for the 0 that some programs send with every query.
    """
    if _SQUASHED in sql:
        return None
    from google.protobuf.message import EncodeError
    from postgast import PgQueryError, deparse, normalize

    try:
        written, tree = _select(_parsed(sql)), _parsed(normalize(sql))
        select = _select(tree)
        if written is None or select is None or _depends_on_one(written):
            return None
        equality, condition = list(equalities(select))[place]
        compared = None if condition is None else sides(condition)
        if condition is None or compared is None or not compared.plain:
            return None
        _ask_for_any(condition, compared)
        select.ClearField("limit_count")
        select.ClearField("limit_offset")
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
    if select.HasField("limit_offset") and _number(select.limit_offset) not in {0, None}:
        return True
    if select.HasField("limit_count"):
        number = _number(select.limit_count)
        one = number in _ONE or (number is None and parameter(select.limit_count) is not None)
        if not one or select.sort_clause:
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


def _number(value: Node) -> int | None:
    """Return the number that a limit is, None where it is something else."""
    node = inner(bare(value))
    return int(node.ival.ival) if kind(node) == "A_Const" and node.HasField("ival") else None


def _ask_for_any(condition: Node, found: Sides) -> None:
    """Turn ``column = $n`` into ``column = ANY($n)``."""
    number = inner(bare(found.value)).number
    values = type(condition).DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_name
    condition.kind = values["AEXPR_OP_ANY"].number
    if found.column is not condition.lexpr:
        condition.lexpr.CopyFrom(type(found.column).FromString(found.column.SerializeToString()))
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
