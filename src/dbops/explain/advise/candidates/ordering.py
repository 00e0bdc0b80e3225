"""The orders in which a SELECT could do with a table's rows: sorted, grouped, distinct, the least or greatest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dbops.explain.advise.candidates.access import indexable
from dbops.explain.advise.candidates.conditions import has_btree
from dbops.explain.advise.candidates.scene import Scene
from dbops.explain.advise.candidates.terms import Term
from dbops.lint.queries.bounds import is_aggregate, limited
from dbops.lint.queries.predicates import integer, own, unwrapped
from dbops.lint.queries.query import folded
from dbops.sql.query import exp


@dataclass(frozen=True, slots=True)
class OrderKey:
    """A term to order by."""

    term: Term
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the rows of ``source`` (the ``id()`` of its node); ``why`` is the clause that asks for it.

    ``free`` says that only like must stand by like: in which direction, and which key comes first, is all the same.
    ``limited`` says that a few of the rows do.
    """

    source: int
    keys: tuple[OrderKey, ...]
    why: str
    limited: bool = False
    free: bool = False


def orders(scene: Scene, select: exp.Select) -> Iterator[Order]:
    """Yield the orders that would spare this SELECT work, each of one item's rows."""
    grouped = select.args.get("group") is not None
    aggregated = any(is_aggregate(each) for each in _outputs(select, exp.Func))
    if grouped:
        yield from _grouped(scene, select)
    elif aggregated:
        yield from _extremes(scene, select)
    else:
        yield from _sorted(scene, select)
        yield from _distinct(scene, select)
    yield from _windows(scene, select)


def _outputs(select: exp.Select, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
    """Yield the nodes of these kinds among the outputs, those over windows left out."""
    for output in select.expressions:
        for each in own(output, *kinds):
            if each.find_ancestor(exp.Window, exp.Select) is select:
                yield each


def _sorted(scene: Scene, select: exp.Select) -> Iterator[Order]:
    """Yield ORDER BY, also that of DISTINCT ON: its keys up to the first that is another item's."""
    order = select.args.get("order")
    if order is not None:
        keys = [(_meant(select, each.this), each) for each in order.expressions]
        yield from _prefix(scene, keys, "ORDER BY", limited=limited(select))


def _prefix(
    scene: Scene, keys: Sequence[tuple[exp.Expr, exp.Expr]], why: str, *, limited: bool = False
) -> Iterator[Order]:
    found: list[OrderKey] = []
    source = None
    for node, ordered in keys:
        key = indexable(scene, node)
        if key is None or not has_btree(key[1]) or (source is not None and key[0] is not source):
            limited = False  # an incremental sort of what comes in this order reads on
            break
        source = key[0]
        found.append(OrderKey(key[1], bool(ordered.args.get("desc")), bool(ordered.args.get("nulls_first"))))
    if source is not None:
        yield Order(id(source.node), tuple(dict.fromkeys(found)), why, limited)


def _grouped(scene: Scene, select: exp.Select) -> Iterator[Order]:
    group = select.args["group"]
    if any(value for name, value in group.args.items() if name != "expressions"):
        return
    keys = [_meant(select, each) for each in group.expressions]
    yield from _set(scene, keys, "GROUP BY")


def _distinct(scene: Scene, select: exp.Select) -> Iterator[Order]:
    distinct = select.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is None:
        yield from _set(scene, [each.unalias() for each in select.expressions], "DISTINCT")


def _set(scene: Scene, keys: Sequence[exp.Expr], why: str) -> Iterator[Order]:
    """Yield keys that are all of one item."""
    found = [indexable(scene, key) for key in keys]
    known = [key for key in found if key is not None and has_btree(key[1])]
    if known and len(known) == len(keys) and all(key[0] is known[0][0] for key in known):
        terms = tuple(OrderKey(key[1]) for key in known)
        yield Order(id(known[0][0].node), tuple(dict.fromkeys(terms)), why, free=True)


def _extremes(scene: Scene, select: exp.Select) -> Iterator[Order]:
    """Yield what min() and max() look for, where nothing else is aggregated: each is then one look into an index."""
    aggregates = [each for each in _outputs(select, exp.Func) if is_aggregate(each)]
    if not all(isinstance(each, exp.Min | exp.Max) for each in aggregates):
        return
    for each in aggregates:
        key = indexable(scene, each.this)
        if key is not None and has_btree(key[1]):
            down = isinstance(each, exp.Max)
            why = "max()" if down else "min()"
            yield Order(id(key[0].node), (OrderKey(key[1], down, down),), why, limited=True)


def _windows(scene: Scene, select: exp.Select) -> Iterator[Order]:
    """Yield PARTITION BY with ORDER BY of the window functions."""
    for output in select.expressions:
        for window in own(output, exp.Window):
            order = window.args.get("order")
            keys = [(each, exp.Ordered()) for each in window.args.get("partition_by") or ()]
            keys += [(each.this, each) for each in (order.expressions if order is not None else ())]
            yield from _prefix(scene, keys, "OVER")


def _meant(select: exp.Select, node: exp.Expr) -> exp.Expr:
    """Return what a number or an output's name stands for."""
    node = unwrapped(node)
    place = integer(node)
    if place is not None and 0 < place <= len(select.expressions):
        return unwrapped(select.expressions[place - 1].unalias())
    if isinstance(node, exp.Column) and node.args.get("table") is None:
        for output in select.expressions:
            if isinstance(output, exp.Alias) and folded(output.args.get("alias")) == folded(node.this):
                return unwrapped(output.unalias())
    return node
