"""Counting all rows only to learn whether there is one.

Why: `count(*)` visits every row that matches, and on PostgreSQL each of them has to be checked for visibility. The
comparison with zero needs the first one only.

Instead: `EXISTS (SELECT 1 FROM …)`, which stops at the first row.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import loose
from dbops.lint.queries.passages import after_from, inside, shown
from dbops.lint.queries.predicates import integer, unwrapped
from dbops.lint.queries.query import Query
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import Span, exp

SEVERITY = Severity.WARNING
BAD = (
    "SELECT o.id FROM orders o WHERE (SELECT count(*) FROM items i WHERE i.order_id = o.id) > 0 LIMIT 10",
    "SELECT (SELECT count(*) FROM items WHERE order_id = $1) = 0",
    "SELECT CASE WHEN 1 <= (SELECT count(1) FROM items WHERE order_id = $1) THEN 'full' ELSE 'empty' END",
    "SELECT count(*) > 0 FROM items WHERE order_id = $1",
    "SELECT count(*)::int > 0 FROM items WHERE order_id = $1",
    "SELECT CASE WHEN count(*) > 0 THEN 'full' ELSE 'empty' END FROM items WHERE order_id = $1",
    "-- schema: CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint, note text)\n"
    "SELECT (SELECT count(id) FROM items WHERE order_id = $1) > 0",
)
GOOD = (
    "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id) LIMIT 10",
    "SELECT o.id FROM orders o WHERE (SELECT count(*) FROM items i WHERE i.order_id = o.id) > 1 LIMIT 10",
    "SELECT customer_id FROM orders GROUP BY customer_id HAVING count(*) > 0",
    "SELECT (SELECT count(*) FROM items WHERE id = $1) > 0",
    "SELECT (SELECT count(note) FROM items WHERE order_id = $1) > 0",
    "SELECT (SELECT count(*) FROM items WHERE order_id = $1 GROUP BY sku) > 0",
    "SELECT CASE WHEN count(*) > 0 THEN sum(price) END FROM items WHERE order_id = $1",
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM items WHERE order_id = $1 LIMIT 1) first) > 0",
)

_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}
_EXISTS = {(exp.GT, 0), (exp.GTE, 1), (exp.NEQ, 0)}
_MISSING = {(exp.EQ, 0), (exp.LT, 1), (exp.LTE, 0)}


def check(query: Query) -> Iterator[Found]:
    """Find comparisons of a count with zero."""
    for comparison in query.tree.find_all(*_MIRRORED):
        for counted, kind, bound in _readings(comparison):
            if (kind, bound) in _EXISTS | _MISSING:
                yield from _counting(query, comparison, counted, missing=(kind, bound) in _MISSING)


def _readings(comparison: exp.Expr) -> Iterator[tuple[exp.Expr, type[exp.Expr], int | None]]:
    """Yield the comparison from left to right, and from right to left."""
    one, other = _uncast(comparison.this), _uncast(comparison.expression)
    yield one, type(comparison), integer(other)
    yield other, _MIRRORED[type(comparison)], integer(one)


def _uncast(node: exp.Expr) -> exp.Expr:
    """Return what stands in parentheses and casts."""
    node = unwrapped(node)
    while isinstance(node, exp.Cast):
        node = unwrapped(node.this)
    return node


def _counting(query: Query, comparison: exp.Expr, counted: exp.Expr, *, missing: bool) -> Iterator[Found]:
    word = "NOT EXISTS" if missing else "EXISTS"
    if isinstance(counted, exp.Subquery):
        select = unwrapped(counted.unnest())
        if (
            isinstance(select, exp.Select)
            and len(select.expressions) == 1
            and _counts_rows(query, select, _only_item(select))
        ):
            yield _found(query, comparison, select, inside(query, select), word)
    elif _is_all_of_statement(query, comparison) and _counts_rows(query, query.tree, counted):
        start, end = query.span(query.tree)
        whole = Span(query.statement.start, max(end, query.statement.start + len(query.statement.text)))
        yield _found(query, comparison, query.tree, whole if start >= whole.start else None, f"SELECT {word}")


def _only_item(select: exp.Select) -> exp.Expr:
    """Return the only item of a select list, without its alias."""
    return _uncast(select.expressions[0].unalias())


def _is_all_of_statement(query: Query, comparison: exp.Expr) -> bool:
    """Whether the statement asks for this comparison and nothing else, perhaps in a CASE of its own."""
    tree = query.tree
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        return False
    item = _only_item(tree)
    if isinstance(item, exp.Case) and item.this is None and len(item.args["ifs"]) == 1:
        branch = item.args["ifs"][0]
        results = [each for each in (branch.args.get("true"), item.args.get("default")) if each is not None]
        item = unwrapped(branch.this) if not any(each.find(exp.Column, exp.AggFunc) for each in results) else item
    return item is comparison


def _counts_rows(query: Query, select: exp.Expr, item: exp.Expr) -> bool:
    """Whether a SELECT's count is that of the rows of its FROM and WHERE, and they can be many."""
    others = ("group", "having", "limit", "offset", "distinct", "with_")
    return (
        isinstance(item, exp.Count)
        and (isinstance(item.this, exp.Star | exp.Literal) or _is_never_null(query, select, item.this))
        and select.args.get("from_") is not None
        and not any(select.args.get(name) for name in others)
        and bool(loose(query, select))
    )


def _is_never_null(query: Query, select: exp.Expr, counted: exp.Expr) -> bool:
    """Whether a column has a value in each row, so that counting it counts rows."""
    origin = query.origin(counted) if isinstance(counted, exp.Column) else None
    if origin is None or origin[1] is None or len(query.sources(select)) != 1:
        return False
    return origin[1].nullable is False


def _found(query: Query, comparison: exp.Expr, select: exp.Expr, part: Span | None, word: str) -> Found:
    rest = None if part is None else after_from(query, part)
    sources = [str(source.relation) for source in query.sources(select) if source.relation is not None]
    rest = shown(rest) if rest else ", ".join(sources) + " …"
    what = f" of {sources[0]}" if sources else ""
    start, end = query.span(comparison)
    return Found(
        f"counts every matching row{what} only to learn whether there is one",
        f"{word} (SELECT 1 FROM {rest}) stops at the first row",
        start if part is None or part.start < query.statement.start else min(start, part.start),
        end,
    )
