"""The conditions of a query that compare a column with one value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from dbops.sql.deparse import expression
from dbops.sql.nodes import Node, choice, conjuncts, inner, kind, walk

_PARAMETER = re.compile(r"\$(\d+)\Z")
_BOUNDS = frozenset({"<", "<=", ">", ">="})


class Equality(NamedTuple):
    """``column = value``, one of the conditions that all must hold; ``parameter`` is N of a value ``$N``.

    ``column`` may be an expression of one column, such as ``lower(email)``; ``parts`` are those of the column's name
    (``a.b`` has two). ``array`` says that it is ``column = ANY(value)``: a key where the array has one element alone.
    ``nested`` says that it is a condition of a query within the query.
    """

    column: str
    value: str
    parameter: int | None
    parts: tuple[str, ...]
    array: bool = False
    nested: bool = False


class Sides(NamedTuple):
    """A column, or an expression of one, and the value it is compared with, both as nodes."""

    column: Node
    value: Node

    @property
    def plain(self) -> bool:
        """Whether it is a column and a value, neither in an expression."""
        return kind(inner(self.column)) == "ColumnRef" and kind(inner(bare(self.value))) in {"A_Const", "ParamRef"}


def conditions(select: Node) -> Iterator[Node]:
    """Yield the conditions that all must hold, those of WHERE and then those of its joins."""
    if select.HasField("where_clause"):
        yield from map(inner, conjuncts(select.where_clause))
    for source in select.from_clause:
        yield from _of_joins(inner(source))


def _of_joins(source: Node) -> Iterator[Node]:
    if kind(source) != "JoinExpr" or choice(source, "jointype") != "JOIN_INNER":
        return
    yield from _of_joins(inner(source.larg))
    yield from _of_joins(inner(source.rarg))
    if source.HasField("quals"):
        yield from map(inner, conjuncts(source.quals))


def equalities(select: Node) -> Iterator[tuple[Equality, Node | None]]:
    """Yield the equalities that all must hold, each with its condition; None where that compares rows with rows."""
    for condition in conditions(select):
        if kind(condition) != "A_Expr" or [inner(part).sval for part in condition.name] != ["="]:
            continue
        found = sides(condition)
        if found is not None:
            yield _equality(found, array=choice(condition, "kind") == "AEXPR_OP_ANY"), condition
        else:
            for pair in _of_rows(condition):
                yield _equality(pair), None


def sides(condition: Node) -> Sides | None:
    """Read ``column = value``, also the other way around, ``column IN (value)`` and ``column = ANY(value)``."""
    match choice(condition, "kind"):
        case "AEXPR_IN":
            items = inner(condition.rexpr).items
            found = [Sides(condition.lexpr, items[0])] if len(items) == 1 else []
        case "AEXPR_OP":
            found = [Sides(condition.lexpr, condition.rexpr), Sides(condition.rexpr, condition.lexpr)]
        case "AEXPR_OP_ANY":
            found = [Sides(condition.lexpr, condition.rexpr)]
        case _:
            found = []
    return next((each for each in found if _column(each.column) is not None and _is_value(each.value)), None)


def is_bound(condition: Node) -> bool:
    """Whether it is ``column > value`` or the like, of one column or several."""
    return kind(condition) == "A_Expr" and inner(condition.name[-1]).sval in _BOUNDS


def bare(value: Node) -> Node:
    """Return what casts are around."""
    while kind(inner(value)) == "TypeCast":
        value = inner(value).arg
    return value


def parameter(value: Node) -> int | None:
    """Return N of ``$N``, maybe with a cast or in a function."""
    numbers = {node.number for node in walk(value) if kind(node) == "ParamRef"}
    return numbers.pop() if len(numbers) == 1 else None


def _of_rows(condition: Node) -> Iterator[Sides]:
    """Yield the pairs of ``(a, b) = ($1, $2)`` and of ``(a, b) IN (($1, $2))``."""
    rows: list[Any] = [inner(condition.lexpr), inner(condition.rexpr)]
    if choice(condition, "kind") == "AEXPR_IN" and len(rows[1].items) == 1:
        rows[1] = inner(rows[1].items[0])
    if all(kind(row) == "RowExpr" for row in rows):
        for pair in map(Sides, rows[0].args, rows[1].args):
            if _column(pair.column) is not None and _is_value(pair.value):
                yield pair


def _equality(found: Sides, *, array: bool = False) -> Equality:
    parts = tuple(inner(part).sval for part in _column(found.column).fields)
    return Equality(expression(found.column), expression(found.value), parameter(found.value), parts, array)


def _column(node: Node) -> Any:
    """Return the one column that an expression without parameters is of, None where there is none, or several."""
    found = list(walk(inner(node)))
    columns = [each for each in found if kind(each) == "ColumnRef"]
    if len(columns) != 1 or any(kind(each) in {"ParamRef", "SubLink"} for each in found):
        return None
    return columns[0]


def _is_value(node: Node) -> bool:
    """Whether it is a constant or a parameter, maybe in casts and functions."""
    kinds = {kind(each) for each in walk(inner(node))}
    return bool(kinds & {"A_Const", "ParamRef"}) and not kinds & {"ColumnRef", "SubLink"}
