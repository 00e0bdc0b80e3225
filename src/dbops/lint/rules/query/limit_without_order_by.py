"""`LIMIT` without `ORDER BY` returns any rows, others each time.

Why: Without an order the server returns what it comes upon first. That changes with the plan, with updates, and when
another session's scan of the table is joined halfway; pages overlap and leave rows out.

Instead: `ORDER BY` columns that tell all rows apart, such as the primary key. Where any row will do (EXISTS, a batch
of `DELETE … WHERE id IN (SELECT … LIMIT 1000)`, `FOR UPDATE SKIP LOCKED`, a constant as the only result) nothing is
reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import limited, loose, single
from dbops.lint.queries.paging import key
from dbops.lint.queries.passages import clause
from dbops.lint.queries.query import Query
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
NEEDS_WHOLE = True
IN_MIGRATIONS = False
_KNOWN = "-- schema: CREATE TABLE users (uid bigint PRIMARY KEY, email text UNIQUE, name text)\n"
BAD = (
    "SELECT id, total FROM orders LIMIT 10",
    "SELECT id, total FROM orders WHERE paid FETCH FIRST 10 ROWS ONLY",
    "SELECT id FROM orders WHERE customer_id = $1 LIMIT 1",
    "SELECT customer_id, count(*) FROM orders GROUP BY customer_id LIMIT 10",
    "SELECT id FROM orders UNION ALL SELECT id FROM archive LIMIT 10",
    "SELECT o.id FROM orders o JOIN (SELECT id FROM late LIMIT 5) l ON l.id = o.id ORDER BY o.id LIMIT 5",
    *(_KNOWN + text for text in ("SELECT name FROM users LIMIT 20", "SELECT uid FROM users WHERE name = $1 LIMIT 1")),
)
GOOD = (
    "SELECT id, total FROM orders ORDER BY id LIMIT 10",
    "SELECT id, total FROM orders",
    "SELECT id FROM orders LIMIT ALL",
    "SELECT id FROM orders LIMIT 0",
    "SELECT total FROM orders WHERE id = $1 LIMIT 1",
    "SELECT count(*) FROM orders LIMIT 1",
    "SELECT 1 FROM orders WHERE customer_id = $1 LIMIT 1",
    "SELECT 1 FROM orders WHERE customer_id = $1 UNION ALL SELECT 1 FROM archive WHERE customer_id = $1 LIMIT 1",
    "SELECT name FROM users WHERE user_id = $1 LIMIT 1",
    "SELECT EXISTS (SELECT id FROM orders WHERE customer_id = $1 LIMIT 1)",
    "DELETE FROM orders WHERE id IN (SELECT id FROM orders WHERE paid LIMIT 1000)",
    "DELETE FROM orders WHERE ctid = ANY (ARRAY(SELECT ctid FROM orders WHERE paid LIMIT 1000))",
    "WITH batch AS (SELECT id FROM jobs WHERE done LIMIT 100) DELETE FROM jobs USING batch WHERE jobs.id = batch.id",
    "SELECT id FROM jobs WHERE NOT done LIMIT 1 FOR UPDATE SKIP LOCKED",
    "SELECT id FROM (SELECT id FROM orders ORDER BY total DESC) best LIMIT 3",
    "SELECT id FROM orders TABLESAMPLE SYSTEM (1) LIMIT 100",
    "SELECT n FROM generate_series(1, 10) AS n LIMIT 3",
    "SELECT id FROM orders UNION ALL SELECT id FROM archive ORDER BY id LIMIT 10",
    *(_KNOWN + text for text in ("SELECT name FROM users WHERE email = $1 LIMIT 1",)),
)


def check(query: Query) -> Iterator[Found]:
    """Find each LIMIT or FETCH that keeps some rows of many, in no order."""
    for node in query.tree.find_all(exp.Select, exp.SetOperation, exp.Subquery):
        if not limited(node) or node.args.get("order") is not None or _keeps_none(node) or _is_any_row_right(node):
            continue
        select = _first(node)
        if isinstance(node, exp.Select | exp.Subquery) and not _has_many(query, select):
            continue
        yield _found(query, node, select)


def _found(query: Query, node: exp.Expr, select: exp.Select | None) -> Found:
    sources = () if select is None or select.args.get("group") is not None else query.sources(select)
    columns = [column for source in sources[:1] for column in key(source, qualify=len(sources) > 1)]
    limit = node.args["limit"]
    order = f"ORDER BY {', '.join(columns)}" if columns and node is select else "ORDER BY what tells the rows apart"
    word = "FETCH" if isinstance(limit, exp.Fetch) else "LIMIT"
    return clause(query, limit, word, f"{word} without ORDER BY returns any rows, others each time", f"add {order}")


def _first(node: exp.Expr) -> exp.Select | None:
    while isinstance(node, exp.Subquery | exp.Paren):
        node = node.this
    return node if isinstance(node, exp.Select) else None


def _keeps_none(node: exp.Expr) -> bool:
    limit = node.args["limit"]
    return isinstance(limit, exp.Limit) and isinstance(limit.expression, exp.Literal) and limit.expression.name == "0"


def _is_any_row_right(node: exp.Expr) -> bool:
    """Whether it doesn't matter which rows come: where one asks whether there are some, or works through them all."""
    if any(lock.args.get("wait") is False for lock in node.args.get("locks") or ()):  # SKIP LOCKED
        return True
    if all(part.expressions and all(map(_is_fixed, part.expressions)) for part in _selects(node)):
        return True
    parent = node.parent
    while isinstance(parent, exp.Subquery | exp.Paren | exp.Array):
        parent = parent.parent
    if isinstance(parent, exp.Exists | exp.In | exp.Any):
        return True
    return (parent is not None and parent.find_ancestor(exp.Update, exp.Delete) is not None) or _feeds_write(node)


def _selects(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the SELECTs of which a query has the rows; one of another kind as it is."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, exp.SetOperation):
            waiting += [each.expression, each.this]
        elif isinstance(each, exp.Subquery | exp.Paren):
            waiting.append(each.this)
        else:
            yield each


def _feeds_write(node: exp.Expr) -> bool:
    """Whether it is in a WITH of an UPDATE or DELETE, or of a statement that has one in its WITH: a batch."""
    cte = node.find_ancestor(exp.CTE)
    clause = None if cte is None else cte.parent
    if clause is None or clause.parent is None:
        return False
    return isinstance(clause.parent, exp.Update | exp.Delete) or any(
        isinstance(each.this, exp.Update | exp.Delete) for each in clause.expressions
    )


def _is_fixed(expression: exp.Expr) -> bool:
    value = expression.unalias()
    return isinstance(value, exp.Literal | exp.Boolean | exp.Null | exp.Parameter)


def _has_many(query: Query, select: exp.Select | None) -> bool:
    """Whether a SELECT has rows in no order to choose from, which are not few by their keys."""
    if select is None:
        return True
    if single(select) or select.args.get("order") is not None:
        return False
    sources = query.sources(select)
    if any(source.node.args.get("sample") is not None for source in sources):
        return False
    inner = query.inner(sources[0]) if len(sources) == 1 else None
    if inner is not None and (inner.args.get("order") or (inner.this is not None and inner.this.args.get("order"))):
        return False
    return bool(loose(query, select))
