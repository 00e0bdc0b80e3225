"""Which column each parameter of a query is compared with, and how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.lint.queries.comparisons import predicates
from dbops.lint.queries.query import Query
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from dbops.sql.query import QueryUnreadable, exp, parse
from dbops.sql.split import split

_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NullSafeEQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<",
    exp.GT: ">",
    exp.GTE: ">",
    exp.Like: "LIKE",
    exp.ILike: "LIKE",
    exp.In: "=",
    exp.Between: "BETWEEN",
}
_MIRRORED = {"<": ">", ">": "<"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A parameter stands where a value of ``table.column`` does, beside ``sign``: ``=``, ``<``, ``>``, ``LIKE`` …

    ``part`` is ``low`` or ``high`` within BETWEEN, ``array`` for ``= ANY ($1)``, ``pattern`` for all of a pattern and
    ``within`` for a piece of one (``'%' || $1``).
    """

    table: Relation
    column: str
    sign: str
    part: str = ""


def compared(sql: str, schema: Schema) -> dict[int, Compared | str]:
    """Return what each ``$n`` is compared with, or ``LIMIT`` or ``OFFSET``; those that nothing tells are absent."""
    try:
        tree = parse(sql)
    except QueryUnreadable:
        return {}
    statement = split(sql)[0]
    query = Query(sql=sql, start=0, statement=statement, tree=tree, schema=schema)
    found: dict[int, Compared | str] = {}
    for number, clause in _bounds(tree):
        found.setdefault(number, clause)
    for number, what in _compared(query):
        found.setdefault(number, what)
    return found


def _bounds(tree: exp.Expr) -> Iterator[tuple[int, str]]:
    for clause in tree.find_all(exp.Limit, exp.Fetch, exp.Offset):
        for number in _numbers(clause):
            yield number, "OFFSET" if isinstance(clause, exp.Offset) else "LIMIT"


def _compared(query: Query) -> Iterator[tuple[int, Compared]]:
    for reader in query.all_readers:
        for node in predicates(reader):
            yield from _in_predicate(query, node)
        if isinstance(reader, exp.Update):
            for node in reader.expressions:
                yield from _in_predicate(query, node)


def _in_predicate(query: Query, node: exp.Expr) -> Iterator[tuple[int, Compared]]:
    sign = _SIGNS.get(type(node))
    if sign is None:
        return
    if isinstance(node, exp.Between):
        yield from _pair(query, node.this, node.args["low"], sign, "low")
        yield from _pair(query, node.this, node.args["high"], sign, "high")
    elif isinstance(node, exp.In):
        for value in node.expressions:
            yield from _pair(query, node.this, value, sign)
    else:
        yield from _pair(query, node.this, node.expression, sign)
        yield from _pair(query, node.expression, node.this, _MIRRORED.get(sign, sign))


def _pair(query: Query, side: exp.Expr, other: exp.Expr, sign: str, part: str = "") -> Iterator[tuple[int, Compared]]:
    """Yield the parameters of ``other`` beside the one column of ``side``; of rows, place by place."""
    side, other = side.unnest(), other.unnest()
    if isinstance(side, exp.Tuple) and isinstance(other, exp.Tuple):
        for one, two in zip(side.expressions, other.expressions, strict=False):
            yield from _pair(query, one, two, sign, part)
        return
    columns = list(side.find_all(exp.Column))
    origin = query.origin(columns[0]) if len(columns) == 1 and not list(_numbers(side)) else None
    if origin is None or origin[0].relation is None or origin[1] is None:
        return
    table = query.schema.qualified(origin[0].relation)
    for number in _numbers(other):
        yield number, Compared(table, origin[1].name, sign, part or _part(sign, other))


def _part(sign: str, other: exp.Expr) -> str:
    if isinstance(other, exp.Any):
        return "array"
    if sign == "LIKE":
        return "pattern" if isinstance(other, exp.Parameter) else "within"
    return ""


def _numbers(node: exp.Expr) -> Iterator[int]:
    for parameter in node.find_all(exp.Parameter):
        if parameter.name.isdecimal():
            yield int(parameter.name)
