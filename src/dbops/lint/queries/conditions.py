"""The conditions of a query, and which items of its FROM they tie to each other or to a value. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.lint.queries.from_items import pairings
from dbops.lint.queries.query import Query, folded
from dbops.sql.query import exp

Items = frozenset[int]
"""Items of a FROM, by the ``id()`` of their nodes."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``node`` must hold for a row to come through; it can only take rows from ``narrows`` (None: from any item)."""

    node: exp.Expr
    narrows: Items | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """``column`` of ``item`` equals a value made of the items ``needs``: a constant when there are none.

    With ``queries`` it equals one of the values that these subqueries return.
    """

    item: int
    column: str
    needs: Items
    queries: tuple[exp.Expr, ...] = ()


def conjuncts(node: object) -> Iterator[exp.Expr]:
    """Yield what an expression ANDs together."""
    return _operands(exp.And, node)


def disjuncts(node: object) -> Iterator[exp.Expr]:
    """Yield what an expression ORs together."""
    return _operands(exp.Or, node)


def _operands(connective: type[exp.Expr], node: object) -> Iterator[exp.Expr]:
    """Yield the operands of a chain, which can be thousands deep."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, connective):
            waiting += [each.args["expression"], each.this]
        elif isinstance(each, exp.Paren | exp.Where):
            waiting.append(each.this)
        elif isinstance(each, exp.Expr):
            yield each


def conditions(reader: exp.Expr) -> Iterator[Condition]:
    """Yield the conditions of a SELECT's or write's WHERE, and of its joins."""
    for node in conjuncts(reader.args.get("where")):
        yield Condition(node)
    if isinstance(reader, exp.Merge):
        for node in conjuncts(reader.args.get("on")):
            yield Condition(node)
    for pairing in pairings(reader):
        join = pairing.join
        for node in conjuncts(join.args.get("on") if join is not None else None):
            yield Condition(node, _narrowed(pairing.left, pairing.right, pairing.side))


def is_open(reader: exp.Expr) -> bool:
    """Whether one of the conditions is a parameter alone: a place where a program puts in a condition, mostly."""
    return any(isinstance(each.node, exp.Parameter | exp.Placeholder) for each in conditions(reader))


def _narrowed(left: tuple[exp.Expr, ...], right: tuple[exp.Expr, ...], side: str) -> Items | None:
    match side:
        case "LEFT":
            return frozenset(map(id, right))
        case "RIGHT":
            return frozenset(map(id, left))
        case "FULL":
            return frozenset()
    return None


def mentioned(query: Query, reader: exp.Expr, node: exp.Expr) -> Items | None:
    """Return the items of the reader's FROM that an expression names; None when a column can't be placed."""
    own = {id(source.node) for source in query.sources(reader)}
    found: set[int] = set()
    for column in node.find_all(exp.Column):
        origin = query.origin(column)
        if origin is None and not isinstance(column.this, exp.Star):
            merged = merged_by_using(query, reader, column)
            if not merged and not _is_outer(query, reader, column):
                return None
            found |= merged
        elif origin is not None and id(origin[0].node) in own:
            found.add(id(origin[0].node))
    return frozenset(found)


def merged_by_using(query: Query, reader: exp.Expr, column: exp.Column) -> Items:
    """Return the items whose columns a join with USING makes this one column of."""
    if column.args.get("table") is not None or query.reader(column) is not reader:
        return frozenset()
    wanted, found = folded(column.this), set[int]()
    for pairing in pairings(reader):
        if pairing.join is not None and wanted in map(folded, pairing.join.args.get("using") or ()):
            found.update(map(id, (*pairing.left, *pairing.right)))
    tables = {id(source.node): source.table for source in query.sources(reader)}
    return frozenset(item for item in found if (table := tables.get(item)) is None or table.column(wanted) is not None)


def _is_outer(query: Query, reader: exp.Expr, column: exp.Column) -> bool:
    """Whether a qualified column's table is none of the reader's."""
    table = folded(column.args.get("table"))
    return bool(table) and all(source.alias != table for source in query.sources(reader))


def pins(query: Query, reader: exp.Expr) -> Iterator[Pin]:
    """Yield which columns the conditions of a SELECT or write tie to constants or to other items' columns."""
    for condition in conditions(reader):
        for pin in _pins(query, reader, condition.node):
            if condition.narrows is None or pin.item in condition.narrows:
                yield pin
    for pairing in pairings(reader):
        for name in pairing.join.args.get("using") or () if pairing.join is not None else ():
            left, right = frozenset(map(id, pairing.left)), frozenset(map(id, pairing.right))
            if pairing.side in ("", "LEFT"):
                yield from (Pin(item, folded(name), left) for item in right)
            if pairing.side in ("", "RIGHT"):
                yield from (Pin(item, folded(name), right) for item in left)


def _pins(query: Query, reader: exp.Expr, node: exp.Expr) -> Iterator[Pin]:
    match node:
        case exp.And():
            for each in conjuncts(node):
                yield from _pins(query, reader, each)
        case exp.Or():
            yield from _pinned_by_all(query, reader, node)
        case exp.EQ() | exp.NullSafeEQ():
            for one, other in _compared(node):
                yield from _pin(query, reader, one, other)
        case exp.In():
            values = [node.args["query"]] if node.args.get("query") else node.expressions
            for place, column in enumerate(_parts(node.this)):
                matched = [part for value in values for part in _part(value, place)]
                yield from _pin(query, reader, column, *matched)


def _pinned_by_all(query: Query, reader: exp.Expr, node: exp.Expr) -> Iterator[Pin]:
    """Yield the columns that every operand of an OR ties."""
    common: dict[tuple[int, str], Pin] | None = None
    for each in disjuncts(node):
        found = {(pin.item, pin.column): pin for pin in _pins(query, reader, each)}
        kept = found if common is None else {at: _either(common[at], pin) for at, pin in found.items() if at in common}
        if not kept:
            return
        common = kept
    yield from (common or {}).values()


def _either(one: Pin, other: Pin) -> Pin:
    return Pin(one.item, one.column, one.needs | other.needs, one.queries + other.queries)


def _compared(node: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Yield both directions of an equality, part by part for rows."""
    left, right = _parts(node.this), _parts(node.expression)
    if len(left) != len(right):
        left, right = [node.this], [node.expression]
    for one, other in zip(left, right, strict=True):
        yield one, other
        yield other, one


def _parts(node: exp.Expr) -> list[exp.Expr]:
    return list(node.expressions) if isinstance(node, exp.Tuple) else [node.unnest()]


def _part(value: exp.Expr, place: int) -> list[exp.Expr]:
    """Return what an element of an IN list compares the column at that place with: a subquery as a whole."""
    return value.expressions[place : place + 1] if isinstance(value, exp.Tuple) else [value]


def _pin(query: Query, reader: exp.Expr, column: exp.Expr, *others: exp.Expr) -> Iterator[Pin]:
    if not isinstance(column, exp.Column):
        return
    origin = query.origin(column)
    own = {id(source.node) for source in query.sources(reader)}
    tied = merged_by_using(query, reader, column) if origin is None else own & {id(origin[0].node)}
    if not tied:
        return
    named = [mentioned(query, reader, other) for other in others]
    needs = frozenset[int]().union(*(each for each in named if each is not None))
    queries = tuple(found for other in others if (found := _listing(other)) is not None)
    if None not in named:
        yield from (Pin(item, folded(column.this), needs, queries) for item in tied)


def _listing(value: exp.Expr) -> exp.Query | None:
    """Return the subquery of IN, ANY or ANY (ARRAY (…)) that lists values; None for a value or list of values."""
    listed = value.this.unnest() if isinstance(value, exp.Any) else value if isinstance(value.parent, exp.In) else None
    if isinstance(listed, exp.Array) and len(listed.expressions) == 1:
        listed = listed.expressions[0]
    return listed if isinstance(listed, exp.Query) else None
