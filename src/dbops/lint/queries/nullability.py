"""Whether a query's output can have a NULL. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.lint.queries.conditions import conditions
from dbops.lint.queries.query import Query, folded
from dbops.sql.query import exp

_NEVER = (
    exp.Literal,
    exp.Boolean,
    exp.Count,
    exp.CurrentDate,
    exp.CurrentTimestamp,
    exp.RowNumber,
    exp.Exists,
    exp.Parameter,
    exp.Star,
)
_STRICT = (exp.EQ, exp.NEQ, exp.LT, exp.GT, exp.LTE, exp.GTE, exp.Like, exp.ILike, exp.Between, exp.In)


@dataclass(frozen=True, slots=True)
class Nulls:
    """The output ``node`` can be NULL; ``known`` when the schema says so, else nothing speaks against it."""

    node: exp.Expr
    known: bool


def nulls(query: Query, node: exp.Expr) -> Nulls | None:
    """Return an output column of a query that can be NULL, or None when none can, as far as is known."""
    if isinstance(node, exp.Subquery | exp.Paren):
        return nulls(query, node.this)
    if isinstance(node, exp.Except):
        return nulls(query, node.this)
    if isinstance(node, exp.SetOperation):
        return nulls(query, node.this) or nulls(query, node.expression)
    if not isinstance(node, exp.Select):
        return None
    found = (_of(query, node, each.unalias()) for each in node.expressions)
    return next((each for each in found if each is not None), None)


def _of(query: Query, select: exp.Select, node: exp.Expr) -> Nulls | None:
    """Return whether one output of a SELECT can be NULL."""
    if isinstance(node, exp.Paren | exp.Cast):
        return _of(query, select, node.this)
    if isinstance(node, _NEVER):
        return None
    if isinstance(node, exp.Null):
        return Nulls(node, known=True)
    if isinstance(node, exp.Column):
        return _of_column(query, select, node)
    if isinstance(node, exp.Coalesce):
        parts = [_of(query, select, part) for part in (node.this, *node.expressions)]
        return parts[-1] if all(part is not None for part in parts) else None
    return _of_expression(query, select, node)


def _of_expression(query: Query, select: exp.Select, node: exp.Expr) -> Nulls | None:
    """Return whether an expression can be NULL: where its columns are, and for what makes NULLs itself."""
    if isinstance(node, exp.Nullif | exp.JSONExtractScalar | exp.JSONExtract):
        return Nulls(node, known=True)
    if isinstance(node, exp.AggFunc):
        if select.args.get("group") is None:
            return Nulls(node, known=False)
        return Nulls(node, known=True) if _any_known(query, select, node) else None
    return Nulls(node, known=False) if _any(query, select, node) else None


def _any(query: Query, select: exp.Select, node: exp.Expr) -> bool:
    return any(_of_column(query, select, column) is not None for column in node.find_all(exp.Column))


def _any_known(query: Query, select: exp.Select, node: exp.Expr) -> bool:
    """Whether a column is known to have NULLs: groups of nothing but NULLs are too rare to be guessed at."""
    found = (_of_column(query, select, column) for column in node.find_all(exp.Column))
    return any(each is not None and each.known for each in found)


def _of_column(query: Query, select: exp.Select, column: exp.Column) -> Nulls | None:
    if isinstance(column.this, exp.Star) or _is_refused(query, select, column):
        return None
    origin = query.origin(column)
    if origin is None:
        return Nulls(column, known=False)
    source, known = origin
    if source.optional:
        return Nulls(column, known=True)
    inner = query.inner(source)
    if inner is not None:
        return _of_inner(query, inner, column)
    if known is None or known.nullable is None:
        key = folded(column.this) in ("id", "uuid") and known is None
        return None if key or source.relation is None else Nulls(column, known=False)
    return Nulls(column, known=True) if known.nullable else None


def _of_inner(query: Query, inner: exp.Expr, column: exp.Column) -> Nulls | None:
    """Return whether a column of a subquery or WITH query can be NULL."""
    select = inner.unnest() if isinstance(inner, exp.Subquery) else inner
    if not isinstance(select, exp.Select):
        return None
    wanted = folded(column.this)
    named = [each for each in select.expressions if each.alias_or_name.lower() == wanted.lower()]
    found = _of(query, select, named[0].unalias()) if len(named) == 1 else None
    return None if found is None else Nulls(column, found.known)


def _is_refused(query: Query, select: exp.Select, column: exp.Column) -> bool:
    """Whether a condition of the SELECT keeps out the rows in which the column is NULL."""
    for condition in conditions(select):
        if condition.narrows is None and any(_same(query, each, column) for each in _not_null(condition.node)):
            return True
    return False


def _not_null(node: exp.Expr) -> list[exp.Expr]:
    """Return the columns that can't be NULL where a condition holds."""
    if isinstance(node, exp.Is):
        return [node.this.unnest()] if node.args.get("negate") else []
    if isinstance(node, exp.Not):
        inside = node.this.unnest()
        if isinstance(inside, exp.Is) and isinstance(inside.expression, exp.Null):
            return [inside.this]
        return [inside.this] if isinstance(inside, exp.In | exp.Between | exp.Like) else []
    if isinstance(node, _STRICT):
        return [node.this.unnest(), *([node.expression.unnest()] if isinstance(node, exp.Binary) else [])]
    return []


def _same(query: Query, one: exp.Expr, other: exp.Column) -> bool:
    if not isinstance(one, exp.Column) or folded(one.this) != folded(other.this):
        return False
    first, second = query.origin(one), query.origin(other)
    return (first is not None and second is not None and first[0] == second[0]) or one == other
