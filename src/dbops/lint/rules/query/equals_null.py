"""`= NULL` and `<> NULL` are never true.

Why: A comparison with NULL is itself NULL, so the condition holds for no row, also not for one whose value is null.
The query runs without an error and returns nothing.

Instead: `IS NULL` and `IS NOT NULL`. The fix is left to a human, because the query then begins to return rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.lint.queries.passages import condition, in_one_line, shown
from dbops.lint.queries.predicates import is_null
from dbops.lint.queries.query import Query
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.ERROR
BAD = (
    "SELECT id FROM orders WHERE shipped_at = NULL LIMIT 10",
    "SELECT id FROM orders WHERE shipped_at <> NULL LIMIT 10",
    "SELECT id FROM orders WHERE NULL != shipped_at LIMIT 10",
    "UPDATE orders SET note = NULL WHERE note = NULL::text",
    "SELECT id FROM orders WHERE total > NULL LIMIT 10",
    "SELECT id FROM orders WHERE note IN (NULL) LIMIT 10",
    "SELECT CASE note WHEN NULL THEN 'none' ELSE note END FROM orders LIMIT 10",
)
GOOD = (
    "SELECT id FROM orders WHERE shipped_at IS NULL LIMIT 10",
    "SELECT id FROM orders WHERE shipped_at IS NOT DISTINCT FROM NULL LIMIT 10",
    "UPDATE orders SET shipped_at = NULL, (note, total) = (NULL, 0) WHERE id = 1",
    "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = NULL",
    "MERGE INTO orders USING news ON orders.id = news.id WHEN MATCHED THEN UPDATE SET note = NULL",
    "SELECT CASE WHEN note IS NULL THEN 'none' ELSE note END FROM orders LIMIT 10",
)

_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.GT: ">",
    exp.LTE: "<=",
    exp.GTE: ">=",
    exp.Like: "LIKE",
    exp.ILike: "ILIKE",
}
_WITH_NULL = re.compile(r"(.+?) ?(?:=|<>|!=) ?NULL\b.*", re.IGNORECASE)


def check(query: Query) -> Iterator[Found]:
    """Find comparisons with the word NULL."""
    for comparison in query.tree.find_all(*_SIGNS):
        if not _assigns(comparison):
            yield from _compared(query, comparison)
    for listed in query.tree.find_all(exp.In):
        negated = isinstance(listed.parent, exp.Not)  # which not-in-nullable is about
        if len(listed.expressions) == 1 and is_null(listed.expressions[0]) and not negated:
            yield _in_list(query, listed)
    for case in query.tree.find_all(exp.Case):
        if case.this is not None and any(is_null(branch.this) for branch in case.args["ifs"]):
            yield _in_case(query, case.this)


def _assigns(comparison: exp.Expr) -> bool:
    """Whether it is no comparison, but an item of a SET."""
    return isinstance(comparison.parent, exp.Update | exp.OnConflict) and comparison.arg_key == "expressions"


def _compared(query: Query, comparison: exp.Expr) -> Iterator[Found]:
    values = [each for each in (comparison.this, comparison.expression) if not is_null(each)]
    if len(values) == 2:
        return
    sign = _SIGNS[type(comparison)]
    test = "IS NULL" if isinstance(comparison, exp.EQ) else "IS NOT NULL"
    start, end = condition(query, comparison) if values else query.span(comparison)
    plain = bool(values) and isinstance(values[0], exp.Column)
    what = query.text(values[0]) if plain else "the value"
    written = _WITH_NULL.fullmatch(in_one_line(query.sql[start:end]))
    hint = f"{what} {test}" if plain or written is None else f"{shown(written[1])} {test}"
    yield Found(f"{what} {sign} NULL is never true, whatever {what} is", hint, start, end)


def _in_list(query: Query, listed: exp.Expr) -> Found:
    what = query.text(listed.this)
    start, end = condition(query, listed)
    return Found(f"{shown(what)} IN (NULL) is never true", f"{shown(what)} IS NULL", start, end)


def _in_case(query: Query, value: exp.Expr) -> Found:
    what = query.text(value) if isinstance(value, exp.Column) else "the value"
    return query.found(
        value,
        f"CASE {what} WHEN NULL never matches: it compares {what} = NULL",
        f"CASE WHEN {what} IS NULL THEN …",
    )
