"""Queries that sum up rows, taken apart: what they return, what they group by, and which conditions have parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dbops.sql.column_name import column_name
from dbops.sql.deparse import expression
from dbops.sql.nodes import Node, choice, conjuncts, inner, kind, named, walk

AGGREGATES = frozenset(
    {
        "count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg",
        "jsonb_object_agg", "bool_and", "bool_or", "every", "bit_and", "bit_or", "stddev", "stddev_pop", "stddev_samp",
        "variance", "var_pop", "var_samp", "percentile_cont", "percentile_disc", "mode", "corr",
    }
)  # fmt: skip


class Target(NamedTuple):
    """What a query returns: its name in the answer, the one it has in a view, where names are unique, and its SQL."""

    shown: str
    name: str
    text: str
    node: Node


class Asked(NamedTuple):
    """A condition ``column = $n``: the column's name and SQL, and the parameter's."""

    name: str
    text: str
    value: str
    node: Node


@dataclass(slots=True)
class Summary:
    """A query that sums up; ``groups`` are the SQL of what it groups by, ``asked`` its conditions with parameters.

    ``rest`` are the conditions that stay, as nodes.
    """

    select: Node
    targets: list[Target]
    groups: list[str]
    asked: list[Asked]
    rest: list[Node] = field(default_factory=list)

    def target(self, text: str) -> Target | None:
        """Return what is returned that has this SQL."""
        return next((each for each in self.targets if each.text == text), None)


def sums_up(select: Node) -> bool:
    """Whether a SELECT groups rows, or returns aggregates of them."""
    if choice(select, "op") != "SETOP_NONE" or not select.from_clause:
        return False
    return bool(select.group_clause) or any(_aggregates(inner(each).val) for each in select.target_list)


def _aggregates(value: Node) -> bool:
    return any(
        kind(node) == "FuncCall" and not node.HasField("over") and named(node.funcname).name in AGGREGATES
        for node in walk(value)
    )


def taken_apart(select: Node) -> Summary:
    """Return a query that :func:`sums_up`."""
    targets = list(_targets(select))
    asked, rest = [], []
    for condition in conjuncts(select.where_clause) if select.HasField("where_clause") else ():
        found = _asked(inner(condition))
        if found is None:
            rest.append(condition)
        else:
            asked.append(found)
    return Summary(select, targets, [_group(each, targets) for each in select.group_clause], asked, rest)


def _targets(select: Node) -> Iterator[Target]:
    seen: set[str] = set()
    for wrapped in select.target_list:
        target = inner(wrapped)
        shown = target.name or column_name(inner(target.val))
        name, number = shown, 2
        while name in seen:
            name, number = f"{shown}_{number}", number + 1
        seen.add(name)
        yield Target(shown, name, expression(target.val), target.val)


def _group(wrapped: Node, targets: list[Target]) -> str:
    """Return the SQL that is grouped by; a position or a name of a column of the answer stands for that.

    A name is that of a table's column first: it is, where something that is returned is made of such a column.
    """
    node = inner(wrapped)
    if kind(node) == "A_Const" and node.HasField("ival") and 0 < node.ival.ival <= len(targets):
        position: int = node.ival.ival - 1
        return targets[position].text
    text = expression(wrapped)
    targets = [each for each in targets if not _aggregates(inner(each.node))]  # nothing groups by these
    if kind(node) != "ColumnRef" or any(_mentions(each.node, column_name(node)) for each in targets):
        return text
    return next((each.text for each in targets if each.shown == column_name(node)), text)


def _mentions(value: Node, column: str) -> bool:
    return any(kind(node) == "ColumnRef" and column_name(node) == column for node in walk(value))


def _asked(node: Node) -> Asked | None:
    if kind(node) != "A_Expr" or choice(node, "kind") != "AEXPR_OP" or named(node.name).name != "=":
        return None
    for column, value in ((node.lexpr, node.rexpr), (node.rexpr, node.lexpr)):
        if kind(inner(column)) == "ColumnRef" and _is_parameter(inner(value)):
            return Asked(column_name(inner(column)), expression(column), expression(value), column)
    return None


def _is_parameter(node: Node) -> bool:
    while kind(node) == "TypeCast":
        node = inner(node.arg)
    return kind(node) == "ParamRef"


def parameters(node: Node) -> list[str]:
    """Return the parameters in a part of a query, each once: ``$1``."""
    return list(dict.fromkeys(f"${each.number}" for each in walk(node) if kind(each) == "ParamRef"))
