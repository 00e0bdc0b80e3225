"""`HAVING` with a condition that is about rows, not about groups.

Why: HAVING is read as a condition on what the groups sum up to. One on a grouping column alone filters rows before
they are grouped (PostgreSQL moves it there itself), which a reader has to find out.

Instead: Write it in WHERE.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.passages import condition, text
from dbops.lint.queries.predicates import operands
from dbops.lint.queries.query import Query
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.INFO
BAD = (
    "SELECT customer_id, count(*) FROM orders GROUP BY customer_id HAVING customer_id = $1",
    "SELECT state, count(*) FROM orders GROUP BY state HAVING count(*) > 5 AND state <> 'new'",
)
GOOD = (
    "SELECT customer_id, count(*) FROM orders WHERE customer_id = $1 GROUP BY customer_id",
    "SELECT customer_id, count(*) FROM orders GROUP BY customer_id HAVING count(*) > 5",
    "SELECT customer_id, count(*) FROM orders GROUP BY customer_id HAVING my_aggregate(total) > 5",
    "SELECT customer_id, count(*) FROM orders GROUP BY ROLLUP (customer_id) HAVING customer_id IS NOT NULL",
    "SELECT customer_id FROM orders GROUP BY customer_id HAVING sum(total) > 5 OR customer_id = 1",
)

_PLAIN = (exp.Column, exp.Identifier, exp.Literal, exp.Parameter, exp.Null, exp.Boolean, exp.Paren, exp.Tuple)
_TESTS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Between, exp.Like, exp.Not)


def check(query: Query) -> Iterator[Found]:
    """Find conditions of HAVING that only name columns and values."""
    for select in query.selects:
        having, group = select.args.get("having"), select.args.get("group")
        if having is None or group is None or not _groups_once(group):
            continue
        for each in operands(having.this, exp.And):
            if each.find(exp.Column) is not None and all(isinstance(node, _PLAIN + _TESTS) for node in each.walk()):
                yield _found(query, each)


def _found(query: Query, test: exp.Expr) -> Found:
    start, end = condition(query, test)
    what = text(query, test)
    return Found(f"HAVING {what} is a condition on rows, not on groups", f"WHERE {what}", start, end)


def _groups_once(group: exp.Expr) -> bool:
    """Whether each row is in one group: no ROLLUP, CUBE or GROUPING SETS, whose totals HAVING may pick."""
    return bool(group.expressions) and group.find(exp.Rollup, exp.Cube, exp.GroupingSets) is None
