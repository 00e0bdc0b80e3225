"""`NOT IN` with a NULL on its right side finds nothing.

Why: `5 NOT IN (1, NULL)` is not true but unknown, so one NULL among the values makes the query return no rows at all.
Nor is a `NOT IN (SELECT …)` planned as an anti-join: the subquery is hashed if it fits into work_mem, and else gone
through for each row.

Instead: `NOT EXISTS (SELECT FROM b WHERE b.a_id = a.id)`, which NULLs don't disturb and which is planned as an
anti-join. Or keep the NULLs out: `SELECT a_id FROM b WHERE a_id IS NOT NULL`. Where the schema or the query says that
the column can't be NULL nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries import passages
from dbops.lint.queries.nullability import nulls
from dbops.lint.queries.predicates import elements
from dbops.lint.queries.query import Query, folded
from dbops.lint.queries.written import name
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
_KNOWN = (
    "-- schema: CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, boss_id bigint)\n"
    "-- schema: CREATE TABLE bans (id bigint PRIMARY KEY, user_id bigint, by_id bigint NOT NULL)\n"
)
BAD = (
    "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM bans) LIMIT 10",
    "SELECT id FROM users WHERE NOT (id IN (SELECT user_id FROM bans)) LIMIT 10",
    "SELECT id FROM users WHERE id <> ALL (SELECT user_id FROM bans) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (1, NULL) LIMIT 10",
    "DELETE FROM users WHERE id NOT IN (SELECT user_id FROM orders)",
    "SELECT id FROM users WHERE NOT (id = ANY (SELECT user_id FROM bans)) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (VALUES (1), (NULL)) LIMIT 10",
    "SELECT id FROM users WHERE id <> ALL (ARRAY[1, NULL]) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (SELECT max(user_id) FROM bans) LIMIT 10",
    *(
        _KNOWN + text
        for text in (
            "SELECT email FROM users WHERE id NOT IN (SELECT user_id FROM bans)",
            "SELECT email FROM users WHERE id NOT IN (SELECT by_id FROM users u LEFT JOIN bans b ON b.user_id = u.id)",
            "SELECT email FROM users WHERE id NOT IN (SELECT by_id FROM bans UNION SELECT boss_id FROM users)",
            "SELECT email FROM users WHERE id NOT IN (SELECT nullif(by_id, 0) FROM bans)",
            "SELECT email FROM users WHERE (id, id) NOT IN (SELECT by_id, user_id FROM bans)",
        )
    ),
)
GOOD = (
    "SELECT id FROM users u WHERE NOT EXISTS (SELECT FROM bans b WHERE b.user_id = u.id) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM bans WHERE user_id IS NOT NULL) LIMIT 10",
    "SELECT id FROM users WHERE id IN (SELECT user_id FROM bans) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (1, 2, $1) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (SELECT coalesce(user_id, 0) FROM bans) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM bans WHERE user_id > 5) LIMIT 10",
    "SELECT id FROM users WHERE id NOT IN (SELECT 1 FROM bans) LIMIT 10",
    "DELETE FROM users WHERE id NOT IN (SELECT min(number) FROM users GROUP BY email)",
    "SELECT id FROM users WHERE 0 NOT IN (SELECT count(*) FROM bans) LIMIT 10",
    *(
        _KNOWN + text
        for text in (
            "SELECT email FROM users WHERE id NOT IN (SELECT by_id FROM bans)",
            "SELECT email FROM users WHERE id NOT IN (SELECT b.by_id FROM bans b JOIN users u ON u.id = b.user_id)",
            "SELECT email FROM users WHERE id NOT IN (SELECT u.id FROM users u LEFT JOIN bans b ON b.user_id = u.id)",
            "SELECT email FROM users WHERE id NOT IN (SELECT user_id FROM bans WHERE user_id IS NOT NULL)",
            "SELECT email FROM users WHERE id NOT IN (SELECT b.user_id FROM bans b JOIN users u ON u.id = b.user_id)",
        )
    ),
)


def check(query: Query) -> Iterator[Found]:
    """Find each NOT IN and <> ALL among whose values a NULL can be."""
    for node in query.tree.find_all(exp.Not, exp.NEQ):
        if isinstance(node, exp.Not):
            inside = node.this.unnest()
            if isinstance(inside, exp.In):
                values = [each for value in inside.expressions for each in elements(value) or [value]]
                yield from _among(query, inside, inside.this, inside.args.get("query"), values)
            elif isinstance(inside, exp.EQ) and isinstance(inside.expression, exp.Any):
                yield from _among(query, inside, inside.this, inside.expression.this, [])
        elif isinstance(node.expression, exp.All):
            yield from _among(query, node, node.this, node.expression.this, [])
        else:
            yield from _among(query, node, node.this, None, elements(node.expression))


def _among(
    query: Query, node: exp.Expr, side: exp.Expr, subquery: exp.Expr | None, values: list[exp.Expr]
) -> Iterator[Found]:
    if any(isinstance(value.unnest(), exp.Null) for value in (*values, *elements(subquery))):
        yield passages.found(query, node, "NOT IN with a NULL among its values finds nothing", "leave the NULL out")
    if subquery is None:
        return
    found = nulls(query, subquery)
    if found is None:
        return
    can = "can" if found.known else "may"
    yield passages.found(
        query,
        node,
        f"{query.text(found.node)} {can} be NULL: one NULL, and NOT IN finds nothing at all",
        _hint(query, side, found.node),
    )


def _hint(query: Query, side: exp.Expr, node: exp.Expr) -> str:
    origin = query.origin(node) if isinstance(node, exp.Column) else None
    reader = query.reader(node)
    if not isinstance(node, exp.Column) or origin is None or reader is None:
        return "use NOT EXISTS (SELECT FROM … WHERE … = …), or leave out the NULLs in the subquery"
    source, relation, column = origin[0], origin[0].relation, name(folded(node.this))
    plain = len(query.sources(reader)) == 1 and not any(reader.args.get(part) for part in ("where", "group", "having"))
    outer = _outer(query, side)
    if relation is None or not plain or outer is None or outer.rpartition(".")[0] == name(source.alias):
        return f"use NOT EXISTS, or leave the NULLs out in the subquery: {query.text(node)} IS NOT NULL"
    alias = f" {name(source.alias)}" if source.alias != relation.name else ""
    return f"NOT EXISTS (SELECT FROM {relation}{alias} WHERE {name(source.alias)}.{column} = {outer})"


def _outer(query: Query, side: exp.Expr) -> str | None:
    """Return the left side as an inner query can name it: a column with its table."""
    origin = query.origin(side) if isinstance(side, exp.Column) else None
    return None if origin is None else name(origin[0].alias, folded(side.this))
