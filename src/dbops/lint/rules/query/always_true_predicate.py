"""A condition that compares something with itself, or that an OR makes true for every row.

Why: `i.order_id = i.order_id` was meant to join two tables, and joins each row with each. `OR 1 = 1` switches off all
that it stands beside. Both run without an error. `WHERE 1 = 1 AND …` alone, which programs build queries with, does no
harm and is not meant.

Instead: Compare with the other table's column; take the OR away.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.passages import condition, shown
from dbops.lint.queries.predicates import clauses, operands, unwrapped
from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import Span, exp

SEVERITY = Severity.WARNING
BAD = (
    "SELECT o.id FROM orders o JOIN items i ON i.order_id = i.order_id",
    "SELECT id FROM orders WHERE customer_id = $1 OR 1 = 1",
    "DELETE FROM orders WHERE id = $1 OR true",
    "SELECT id FROM orders WHERE id <> id",
    "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders WHERE customer_id = customer_id)",
)
GOOD = (
    "SELECT id FROM orders WHERE 1 = 1 AND customer_id = $1",
    "SELECT id FROM orders WHERE true",
    "SELECT o.id FROM orders o JOIN items i ON i.order_id = o.order_id",
    "SELECT a.id FROM orders a JOIN orders b ON a.id = b.id",
    "SELECT id FROM orders WHERE $1 IS NULL OR customer_id = $1",
    "SELECT o.id FROM orders o CROSS JOIN LATERAL (SELECT 1) x JOIN items i ON true",
    "SELECT id = id FROM orders",
)

_TRUE_OF_ITSELF = (exp.EQ, exp.GTE, exp.LTE)
_FALSE_OF_ITSELF = (exp.NEQ, exp.GT, exp.LT)


def check(query: Query) -> Iterator[Found]:
    """Find comparisons with itself, and ORs with something that is always true."""
    for reader in query.tree.find_all(exp.Select, exp.Update, exp.Delete, exp.Merge):
        for clause in clauses(reader):
            for conjunct in operands(clause, exp.And):
                yield from _branches(query, conjunct)


def _branches(query: Query, conjunct: exp.Expr) -> Iterator[Found]:
    branches = list(operands(conjunct, exp.Or))
    always = next((branch for branch in branches if _is_always_true(branch)), None)
    if len(branches) > 1 and always is not None:
        start, end = condition(query, conjunct)
        yield Found(
            "the OR is true for every row: what stands beside it filters nothing", "take the OR away", start, end
        )
        return
    for branch in branches:
        for each in operands(branch, exp.And):
            yield from _with_itself(query, each)


def _is_always_true(node: exp.Expr) -> bool:
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if not isinstance(node, exp.EQ):
        return False
    one, other = unwrapped(node.this), unwrapped(node.expression)
    return isinstance(one, exp.Literal) and one == other


def _with_itself(query: Query, comparison: exp.Expr) -> Iterator[Found]:
    if not isinstance(comparison, _TRUE_OF_ITSELF + _FALSE_OF_ITSELF):
        return
    one, other = unwrapped(comparison.this), unwrapped(comparison.expression)
    if not isinstance(one, exp.Column) or not isinstance(other, exp.Column) or _name(one) != _name(other):
        return
    what = shown(query.text(one))
    outcome = "true for every row that has a value" if isinstance(comparison, _TRUE_OF_ITSELF) else "never true"
    start, end = Span(query.span(one).start, query.span(other).end)
    yield Found(f"compares {what} with itself, which is {outcome}", _hint(query, one), start, end)


def _name(column: exp.Expr) -> tuple[str, str, str]:
    parts = [folded(column.args.get(part)) for part in ("db", "table", "this")]
    return parts[0], parts[1], parts[2]


def _hint(query: Query, column: exp.Column) -> str:
    """Say what may have been meant: the column of another table that is read there or around."""
    origin = query.origin(column)
    reader = query.reader(column)
    while reader is not None:
        for source in query.sources(reader):
            if source.alias and (origin is None or source.node is not origin[0].node):
                return f"compare it with a column of {source.alias}, if that was meant"
        reader = query.reader(reader)
    return "leave it out, or write IS NOT NULL if that was meant"
