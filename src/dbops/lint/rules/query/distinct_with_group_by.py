"""`SELECT DISTINCT` over the columns that GROUP BY has made distinct already.

Why: Each group is one row, and its grouping columns are all in the select list: no two rows can be the same. The
DISTINCT sorts or hashes them once more.

Instead: Leave out DISTINCT.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dbops.lint.queries.extents import Word
from dbops.lint.queries.passages import following, place, words
from dbops.lint.queries.predicates import integer, unwrapped
from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
FIXABLE = True
BAD = (
    "SELECT DISTINCT customer_id, count(*) FROM orders GROUP BY customer_id",
    "SELECT DISTINCT o.customer_id AS customer, sum(o.total) FROM orders o GROUP BY 1",
    "SELECT DISTINCT o.customer_id FROM orders o GROUP BY customer_id",
    "SELECT DISTINCT lower(name) AS name FROM customers GROUP BY lower(name)",
)
GOOD = (
    "SELECT customer_id, count(*) FROM orders GROUP BY customer_id",
    "SELECT DISTINCT count(*) FROM orders GROUP BY customer_id",
    "SELECT DISTINCT ON (customer_id) customer_id, day FROM orders GROUP BY customer_id, day ORDER BY 1, 2",
    "SELECT DISTINCT customer_id, count(*) FROM orders GROUP BY ROLLUP (customer_id)",
    "SELECT DISTINCT customer_id, unnest(array_agg(tag)) FROM orders GROUP BY customer_id",
    "SELECT DISTINCT customer_id FROM orders",
)

_SET_RETURNING = (exp.Explode, exp.ExplodingGenerateSeries, exp.Unnest, exp.UDTF)


def check(query: Query) -> Iterator[Found]:
    """Find SELECTs whose GROUP BY leaves nothing for DISTINCT to do."""
    for select in query.selects:
        distinct, group = select.args.get("distinct"), select.args.get("group")
        if distinct is None or distinct.args.get("on") is not None or group is None:
            continue
        if _returns_groups(query, select, group) and not any(item.find(*_SET_RETURNING) for item in select.expressions):
            yield _found(query, select)


def _returns_groups(query: Query, select: exp.Select, group: exp.Expr) -> bool:
    """Whether each grouping expression is in the select list, so that every group's row differs from the others'."""
    keys = [unwrapped(key) for key in group.expressions]
    if not keys or any(group.args.get(name) for name in ("rollup", "cube", "grouping_sets", "all")):
        return False
    if any(isinstance(key, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple) for key in keys):
        return False
    listed = [unwrapped(item.unalias()) for item in select.expressions]
    names = {folded(item.args.get("alias")) for item in select.expressions if isinstance(item, exp.Alias)}
    return all(
        integer(key) is not None
        or key in listed
        or (isinstance(key, exp.Column) and (folded(key.this) in names or _is_among(query, key, listed)))
        for key in keys
    )


def _is_among(query: Query, key: exp.Column, listed: list[exp.Expr]) -> bool:
    """Whether a column is listed under another form of its name, such as ``o.id`` for ``id``."""
    origin = query.origin(key)
    return origin is not None and any(
        isinstance(item, exp.Column)
        and folded(item.this) == folded(key.this)
        and (other := query.origin(item)) is not None
        and other[0].node is origin[0].node
        for item in listed
    )


def _found(query: Query, select: exp.Select) -> Found:
    message = "DISTINCT sorts or hashes the groups once more: GROUP BY has made them distinct"
    word = _keyword(query, select)
    if word is None:
        return query.found(select, message, "leave out DISTINCT")
    after = following(query, word)
    clean = after is not None and not query.sql[word.end : after.start].strip()
    end = after.start if after is not None and clean else word.end
    safe = not any(item.find(exp.Anonymous) for item in select.expressions)
    edits = (Edit(word.start, end, ""),) if safe else ()  # an unknown function may return several rows
    return Found(message, "leave out DISTINCT", word.start, word.end, edits=edits)


def _keyword(query: Query, select: exp.Select) -> Word | None:
    """Return the DISTINCT that follows the SELECT's own keyword."""
    first = next((spot for item in select.expressions if (spot := place(query, item)) is not None), None)
    if first is None:
        return None
    before = [word for word in words(query) if word.start < first.start]
    pairs = pairwise(before)
    found = [word for previous, word in pairs if word.text == "DISTINCT" and previous.text == "SELECT"]
    return found[-1] if found else None
