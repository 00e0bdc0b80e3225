"""The conditions of a query as what they ask of its tables. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dbops.explain.advise.candidates.access import Access, How, indexable, is_constant, made, text_of
from dbops.explain.advise.candidates.immutable import is_volatile
from dbops.explain.advise.candidates.inverted import inverted
from dbops.explain.advise.candidates.scene import Scene
from dbops.explain.advise.candidates.terms import Found, Term, is_deep
from dbops.lint.queries.coercion import coercion
from dbops.lint.queries.comparisons import Comparison, compared
from dbops.lint.queries.predicates import unwrapped
from dbops.lint.queries.query import Source
from dbops.lint.queries.types import typeof
from dbops.sql.query import exp

_RANGES = frozenset({"<", ">", "<=", ">=", "BETWEEN"})
_NO_BTREE = frozenset(
    {"json", "jsonpath", "xml", "point", "box", "circle", "line", "lseg", "path", "polygon", "xid", "cid", "aclitem"}
)
_REGEX_PREFIX = re.compile(r"\^\w\w[^|]*")


def has_btree(found: Term) -> bool:
    """Whether values of its type have an order, as far as that is known; jsonb has one that nobody asks for."""
    return found.type not in _NO_BTREE and found.type != "jsonb"


def accesses(scene: Scene, node: exp.Expr) -> Iterator[Access]:
    """Yield what one condition, that is no AND or OR, asks of tables; a join asks something of both sides."""
    if is_deep(node) or is_volatile(scene.query, node, scene.facts):
        return
    yield from _truth(scene, node)
    yield from _compared(scene, node)
    yield from _patterns(scene, node)
    yield from inverted(scene, node)


def _truth(scene: Scene, node: exp.Expr) -> Iterator[Access]:
    """Yield conditions without another side: of Booleans and NULLs."""
    inside, negated = unwrapped(node), False
    while isinstance(inside, exp.Not):
        inside, negated = unwrapped(inside.this), not negated
    how = How.EQUAL
    if isinstance(inside, exp.Is):
        negated = negated or bool(inside.args.get("negate"))
        if not isinstance(inside.expression, exp.Null | exp.Boolean) or (negated and _is_true(inside)):
            return
        how = How.ONLY if negated else How.EQUAL
        inside = inside.this
    elif not isinstance(inside, exp.Column) or typeof(scene.query, inside) != "boolean":
        return
    found = indexable(scene, inside)
    if found is not None:
        yield made(scene, node, found, how, predicate=True)


def _is_true(node: exp.Expr) -> bool:
    return isinstance(node.expression, exp.Boolean)


def _compared(scene: Scene, node: exp.Expr) -> Iterator[Access]:
    inside, negated = unwrapped(node), False
    if isinstance(inside, exp.Not):
        inside, negated = unwrapped(inside.this), True
    for comparison in compared(inside):
        sides, others = _sides(comparison)
        if negated or comparison.sign == "<>":
            yield from _only(scene, node, comparison)
        elif len(sides) > 1 and comparison.sign in _RANGES:
            yield from _row(scene, node, sides, others)
        else:
            for side, values in zip(sides, others, strict=True):
                yield from _one(scene, node, comparison, side, values)


def _sides(comparison: Comparison) -> tuple[list[exp.Expr], list[Sequence[exp.Expr]]]:
    """Return the parts of a row with what each is compared with; of anything but rows there is one part."""
    parts = _parts(comparison.side)
    rows = [_parts(other) for other in comparison.others]
    if len(parts) == 1 or (any(len(row) != len(parts) for row in rows) and not comparison.listed):
        return [comparison.side], [comparison.others]
    if comparison.listed:
        return parts, [comparison.others for _ in parts]
    return parts, [[row[place] for row in rows] for place in range(len(parts))]


def _parts(node: exp.Expr) -> list[exp.Expr]:
    node = unwrapped(node)
    is_row = isinstance(node, exp.Tuple) or (isinstance(node, exp.Anonymous) and node.name.upper() == "ROW")
    return list(node.expressions) if is_row else [node]


def _one(
    scene: Scene, node: exp.Expr, comparison: Comparison, side: exp.Expr, values: Sequence[exp.Expr]
) -> Iterator[Access]:
    """Yield what a comparison of one value asks of its side."""
    found = _comparable(scene, side, values, listed=comparison.listed)
    if found is None or not has_btree(found[1]):
        return
    source, _ = found
    partners = _partners(scene, source, values)
    if partners is None:
        return
    how = How.RANGE if comparison.sign in _RANGES else How.EQUAL
    many = len(comparison.others) > 1 and comparison.sign == "IN"
    if how is How.EQUAL and (many or (comparison.listed and not _is_subquery(values))):
        how = How.SEVERAL
    yield made(scene, node, found, how, partners=partners, predicate=how is not How.RANGE)


def _is_subquery(values: Sequence[exp.Expr]) -> bool:
    return any(isinstance(unwrapped(value), exp.Query) for value in values)


def _comparable(scene: Scene, side: exp.Expr, values: Sequence[exp.Expr], *, listed: bool) -> Found | None:
    """Return the term of a side, None where it would be cast to the type of what it is compared with."""
    found = indexable(scene, side)
    if found is None:
        return None
    types = [] if listed else [typeof(scene.query, unwrapped(value)) for value in values]
    return None if any(coercion(found[1].type, each) is not None for each in types) else found


def _partners(scene: Scene, source: Source, values: Sequence[exp.Expr]) -> frozenset[int] | None:
    """Return the items that values are made of, 0 for what isn't known; None where the item itself is among them.

    A query among the values whose columns are its own alone is run once before, and IN's is joined.
    """
    found: set[int] = set()
    for value in values:
        inside = unwrapped(value)
        listed = isinstance(inside, exp.Query) and isinstance(value.parent, exp.In | exp.Any)
        for column in value.find_all(exp.Column):
            origin = scene.query.origin(column)
            found.add(0 if origin is None else id(origin[0].node))
        if isinstance(inside, exp.Query) and not listed:
            found -= {id(each.node) for select in inside.find_all(exp.Select) for each in scene.query.sources(select)}
        if listed:
            found.add(0)
    return None if id(source.node) in found else frozenset(found)


def _row(
    scene: Scene, node: exp.Expr, sides: Sequence[exp.Expr], others: Sequence[Sequence[exp.Expr]]
) -> Iterator[Access]:
    """Yield the range that a comparison of rows asks for: an index on all its parts, in their order, answers it."""
    found = [_comparable(scene, side, values, listed=False) for side, values in zip(sides, others, strict=True)]
    known = [each for each in found if each is not None]
    if not known or found[0] is None or any(each[0] is not known[0][0] for each in known):
        return
    partners = _partners(scene, known[0][0], [value for values in others for value in values])
    if partners is not None and all(has_btree(each[1]) for each in known):
        rest = tuple(each[1] for each in known[1:]) if len(known) == len(found) else ()
        yield made(scene, node, known[0], How.RANGE, partners=partners, row=rest)


def _only(scene: Scene, node: exp.Expr, comparison: Comparison) -> Iterator[Access]:
    found = indexable(scene, comparison.side)
    if found is not None and all(is_constant(value) for value in comparison.others):
        yield made(scene, node, found, How.ONLY, predicate=True)


def _patterns(scene: Scene, node: exp.Expr) -> Iterator[Access]:
    """Yield LIKE 'abc%' and its like."""
    if isinstance(node, exp.Paren):
        node = unwrapped(node)
    begins = None
    if isinstance(node, exp.Like | exp.StartsWith) and not node.args.get("negate"):
        text = text_of(node.expression)
        begins = text if isinstance(node, exp.StartsWith) else re.split(r"[%_\\]", text or "")[0]
    elif isinstance(node, exp.RegexpLike):
        begins = text_of(node.expression) if _REGEX_PREFIX.fullmatch(text_of(node.expression) or "") else None
    found = indexable(scene, node.this) if begins else None
    if found is not None:
        yield made(scene, node, found, How.PREFIX)
