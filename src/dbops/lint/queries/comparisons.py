"""The comparisons in a query's conditions, each seen from both its sides. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.lint.queries.conditions import conditions, mentioned
from dbops.lint.queries.query import Query, Source
from dbops.schema.model import Column, Index
from dbops.sql.query import exp

_MIRRORED: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: ">",
    exp.GT: "<",
    exp.LTE: ">=",
    exp.GTE: "<=",
}
_SIGNS: dict[type[exp.Expr], str] = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.GT: ">", exp.LTE: "<=", exp.GTE: ">="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """``node`` compares ``side`` by ``sign`` (``=``, ``<``, ``BETWEEN``, ``IN``) with ``others``.

    ``listed`` says that the one other is a subquery or array with the values.
    """

    node: exp.Expr
    side: exp.Expr
    sign: str
    others: tuple[exp.Expr, ...]
    listed: bool = False


def comparisons(reader: exp.Expr) -> Iterator[Comparison]:
    """Yield the comparisons in the WHERE and the joins of a SELECT or write, not those in its subqueries."""
    for node in predicates(reader):
        yield from compared(node)


def predicates(reader: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what AND, OR and NOT join in the WHERE and the joins of a SELECT or write."""
    for condition in conditions(reader):
        for node in condition.node.walk(prune=_is_no_connective):
            if _is_no_connective(node):
                yield node


def _is_no_connective(node: exp.Expr) -> bool:
    return not isinstance(node, exp.And | exp.Or | exp.Not | exp.Paren)


def compared(node: exp.Expr) -> Iterator[Comparison]:
    """Yield what a predicate compares: a comparison by a sign from both its sides, nothing for other predicates."""
    if type(node) in _SIGNS:
        left, right = node.this.unnest(), node.expression.unnest()
        for sign, side, other in ((_SIGNS, left, right), (_MIRRORED, right, left)):
            if isinstance(other, exp.Any):
                yield Comparison(node, side, sign[type(node)], (other.this.unnest(),), listed=True)
            elif not isinstance(side, exp.Any):
                yield Comparison(node, side, sign[type(node)], (other,))
    elif isinstance(node, exp.Between):
        yield Comparison(node, node.this.unnest(), "BETWEEN", (node.args["low"], node.args["high"]))
    elif isinstance(node, exp.In):
        listing = node.args.get("query")
        others = (listing,) if listing is not None else tuple(node.expressions)
        yield Comparison(node, node.this.unnest(), "IN", others, listed=listing is not None)


def leading(source: Source, column: Column | None) -> Index | None:
    """Return an index that finds rows by the column because that is its first, or None."""
    if source.table is None or column is None:
        return None
    return next(
        (index for index in source.table.indexes if index.columns[:1] == (column.name,) and not _is_other(index)), None
    )


def _is_other(index: Index) -> bool:
    """Whether the index is for other searches than comparisons."""
    return index.method not in ("btree", "hash", "brin") or not index.valid


def is_constant(query: Query, reader: exp.Expr, node: exp.Expr) -> bool:
    """Whether a value is the same for all rows: it names no column of what the reader reads."""
    return mentioned(query, reader, node) == frozenset()
