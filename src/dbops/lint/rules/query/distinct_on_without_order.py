"""`DISTINCT ON` without an ORDER BY that says which row of each group is kept.

Why: It keeps the first row of each group, and without a further sort key any row may come first: the answer changes
with the plan, with updates and with a VACUUM.

Instead: `DISTINCT ON (customer_id) … ORDER BY customer_id, created_at DESC`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.passages import text
from dbops.lint.queries.predicates import unwrapped
from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
NEEDS_WHOLE = True
BAD = (
    "SELECT DISTINCT ON (customer_id) customer_id, id FROM orders",
    "SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id",
    "SELECT DISTINCT ON (lower(email)) email, id FROM customers LIMIT 10",
)
GOOD = (
    "SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id, created_at DESC",
    "SELECT DISTINCT ON (customer_id) customer_id FROM orders",
    "SELECT DISTINCT customer_id, id FROM orders",
    "SELECT DISTINCT ON (customer_id) customer_id, id FROM (SELECT customer_id, id FROM orders "
    "ORDER BY customer_id, created_at DESC) sorted",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
    "SELECT DISTINCT ON (id) id, total FROM orders ORDER BY id",
)


def check(query: Query) -> Iterator[Found]:
    """Find DISTINCT ON whose sort keys, if any, are the same for all rows of a group."""
    for select in query.selects:
        distinct = select.args.get("distinct")
        chosen = None if distinct is None else distinct.args.get("on")
        if distinct is None or chosen is None:
            continue
        keys = [unwrapped(key) for key in (chosen.expressions if isinstance(chosen, exp.Tuple) else [chosen])]
        if _sort_keys(select) <= len(keys) and not _are_all_alike(query, select, keys):
            yield _found(query, distinct, keys)


def _sort_keys(query: exp.Expr) -> int:
    order = query.args.get("order")
    return 0 if order is None else len(order.expressions)


def _are_all_alike(query: Query, select: exp.Select, keys: list[exp.Expr]) -> bool:
    """Whether it does not matter which row is kept, or the rows come sorted from a subquery."""
    if all(unwrapped(item.unalias()) in keys for item in select.expressions):
        return True
    sources = query.sources(select)
    if len(sources) != 1:
        return False
    inner = query.inner(sources[0])
    if inner is not None:
        return _sort_keys(inner.unnest()) > len(keys)
    names = {folded(key.this) for key in keys if isinstance(key, exp.Column)}
    table = sources[0].table
    return table is not None and any(key <= names for key in table.keys)


def _found(query: Query, distinct: exp.Expr, keys: list[exp.Expr]) -> Found:
    names = ", ".join(text(query, key) for key in keys)
    return query.found(
        distinct,
        f"DISTINCT ON keeps an arbitrary row for each {names}: no sort key says which comes first",
        f"ORDER BY {names}, and then the column that decides",
    )
