"""`UNION` sorts or hashes all rows of its parts to remove duplicates.

Why: Mostly the parts can't overlap, or duplicates do no harm; then the work is for nothing, and no row is returned
before all of them are read. Within IN and EXISTS duplicates never matter.

Instead: `UNION ALL`. Where duplicates must go, `UNION DISTINCT` is the same as UNION and says so: it is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import limited
from dbops.lint.queries.passages import following, union
from dbops.lint.queries.predicates import at_most_one_row
from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
FIXABLE = True
BAD = (
    "SELECT id FROM orders UNION SELECT id FROM archived_orders",
    "SELECT 'open' AS state, id FROM orders UNION SELECT 'closed', id FROM archived_orders",
    "SELECT id FROM orders WHERE state = 'open' UNION SELECT id FROM orders WHERE state = 'late'",
    "SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders UNION SELECT customer_id FROM old_orders)",
    "(SELECT id FROM orders UNION SELECT id FROM old_orders) EXCEPT SELECT id FROM paid_orders",
    "SELECT n FROM (SELECT n FROM a UNION SELECT n FROM b) both_parts LIMIT 10",
)
GOOD = (
    "SELECT id FROM orders UNION ALL SELECT id FROM archived_orders",
    "SELECT id FROM orders UNION DISTINCT SELECT id FROM archived_orders",
    "SELECT 1 UNION SELECT 2",
    "SELECT name FROM customers WHERE id = $1 UNION SELECT name FROM suppliers WHERE id = $1",
    "WITH RECURSIVE tree AS (SELECT id FROM node WHERE id = $1 UNION SELECT node.id FROM node JOIN tree "
    "ON node.parent_id = tree.id) SELECT id FROM tree LIMIT 10",
)


def check(query: Query) -> Iterator[Found]:
    """Find UNION without ALL, once for a chain of them."""
    for node in query.tree.find_all(exp.Union):
        if node.args.get("distinct") and not _within_another(node) and not _recurses(node):
            yield from _union(query, node)


def _union(query: Query, node: exp.Union) -> Iterator[Found]:
    parts = tuple(_parts(node))
    if all(isinstance(part, exp.Select) and at_most_one_row(query, part) for part in parts):
        return
    word = union(query, node)
    after = None if word is None else following(query, word)
    if after is not None and after.text == "DISTINCT":
        return
    message, hint, safe = _said(node, parts)
    if word is None:
        yield query.found(node, message, hint)
        return
    edits = (Edit(word.end, word.end, " ALL"),) if safe else ()
    yield Found(message, hint, word.start, word.end, edits=edits)


def _said(node: exp.Union, parts: tuple[exp.Expr, ...]) -> tuple[str, str, bool]:
    """Return message, hint and whether UNION ALL surely means the same."""
    work = "UNION sorts or hashes all rows of its parts to remove duplicates"
    needless = _needless(node)
    if needless:
        return f"{work}, {needless}", "UNION ALL", not limited(node) and node.args.get("offset") is None
    apart = _apart(parts)
    if apart:
        return (
            f"{work}, but the parts can't overlap: {apart}",
            "UNION ALL, unless one part has duplicates of its own",
            False,
        )
    return work, "UNION ALL if the parts can't overlap or duplicates do no harm; else say so with UNION DISTINCT", False


def _within_another(node: exp.Expr) -> bool:
    """Whether a UNION around it removes the duplicates anyway."""
    parent = _around(node)
    return isinstance(parent, exp.Union) and bool(parent.args.get("distinct"))


def _recurses(node: exp.Expr) -> bool:
    """Whether it is the body of a recursive query, which ends because UNION drops the rows that it had before."""
    cte = node.parent
    if not isinstance(cte, exp.CTE) or not isinstance(cte.parent, exp.With) or not cte.parent.args.get("recursive"):
        return False
    name = folded(cte.args["alias"].this)
    return any(folded(table.this) == name for table in node.find_all(exp.Table))


def _needless(node: exp.Expr) -> str:
    """Return why duplicates can't be seen from outside; "" when they can."""
    parent = _around(node)
    if isinstance(parent, exp.In | exp.Exists | exp.Any | exp.All):
        return "which IN and EXISTS do not care for"
    if isinstance(parent, exp.Except | exp.Intersect) and parent.args.get("distinct"):
        return f"which {parent.key.upper()} does again"
    return ""


def _around(node: exp.Expr) -> exp.Expr | None:
    """Return what stands around a query and its parentheses."""
    parent = node.parent
    while isinstance(parent, exp.Subquery | exp.Paren):
        parent = parent.parent
    return parent


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what a chain of UNIONs joins."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        while isinstance(each, exp.Subquery | exp.Paren):
            each = each.this
        if isinstance(each, exp.Union):
            waiting += [each.expression, each.this]
        else:
            yield each


def _apart(parts: tuple[exp.Expr, ...]) -> str:
    """Return why no two parts can have a row in common; "" when that can't be told."""
    lists = [part.selects if isinstance(part, exp.Select) else [] for part in parts]
    for number, items in enumerate(zip(*lists, strict=False)):
        values = [_literal(item.unalias()) for item in items]
        if _all_differ(values):
            return f"column {number + 1} is {values[0]} in one and {values[1]} in another"
    return ""


def _all_differ(values: list[str | None]) -> bool:
    return None not in values and len(set(values)) == len(values)


def _literal(node: exp.Expr) -> str | None:
    """Return a literal as one reads it; those of different kinds may still be equal, such as 1 and '1'."""
    if not isinstance(node, exp.Literal):
        return None
    return f"'{node.this}'" if node.is_string else str(node.this)
