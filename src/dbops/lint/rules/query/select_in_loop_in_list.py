"""A very long `IN` list, or as long a chain of ORs about one column.

Why: Each number of values is another statement text: no plan is ever used twice, the statistics of statements fill
with copies, and planning time and message size grow with the list. Over 65,535 parameters the protocol refuses it.

Instead: One array parameter, `column = ANY($1)`, which is one statement for any number of values. For many thousands
of values join `unnest($1::bigint[])`, or COPY them into a temporary table.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.predicates import elements, operands, unwrapped
from dbops.lint.queries.query import Query
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING

MOST_VALUES = 100
"""Values in one list; ORMs fetch related rows in lists of some hundreds, which is where they begin to hurt."""
MOST_BRANCHES = 50
"""Equations with one column that ORs connect: PostgreSQL 18 is the first to make one index search of them."""

BAD = (
    f"SELECT id FROM orders WHERE customer_id IN ({', '.join(map(str, range(101)))})",
    f"DELETE FROM orders WHERE id NOT IN ({', '.join(f'${number}' for number in range(1, 102))})",
    f"SELECT id FROM orders WHERE {' OR '.join(f'id = {number}' for number in range(51))}",
    f"SELECT id FROM orders WHERE {' OR '.join(f'{number} = id' for number in range(51))}",
    f"SELECT id FROM orders WHERE id = ANY (ARRAY[{', '.join(map(str, range(101)))}])",
    f"SELECT id FROM orders WHERE id IN (VALUES {', '.join(f'({number})' for number in range(101))})",
)
GOOD = (
    "SELECT id FROM orders WHERE customer_id IN (1, 2, 3)",
    "SELECT id FROM orders WHERE customer_id = ANY($1)",
    f"SELECT id FROM orders WHERE {' OR '.join(f'id = {number}' for number in range(50))}",
    f"INSERT INTO orders (id) VALUES {', '.join(f'({number})' for number in range(101))}",
)


def check(query: Query) -> Iterator[Found]:
    """Find lists of more than MOST_VALUES values and chains of more than MOST_BRANCHES equations."""
    for listed in query.tree.find_all(exp.In):
        values = [each for value in listed.expressions for each in elements(value) or [value]]
        count = len(values or elements(listed.args.get("query")))
        if count > MOST_VALUES:
            yield _found(query, listed.this, "IN list", count, negated=isinstance(listed.parent, exp.Not))
    for compared in query.tree.find_all(exp.EQ, exp.NEQ):
        count = len(elements(compared.expression))
        if count > MOST_VALUES:
            yield _found(query, compared.this, "array", count, negated=isinstance(compared, exp.NEQ))
    for chain in query.tree.find_all(exp.Or):
        if not isinstance(chain.parent, exp.Or):
            yield from _chain(query, chain)


def _chain(query: Query, chain: exp.Expr) -> Iterator[Found]:
    columns: dict[str, list[exp.Expr]] = {}
    for branch in operands(chain, exp.Or):
        if isinstance(branch, exp.EQ):
            column, value = unwrapped(branch.this), unwrapped(branch.expression)
            if isinstance(value, exp.Column):
                column, value = value, column
            if isinstance(column, exp.Column) and isinstance(value, exp.Literal | exp.Parameter):
                columns.setdefault(query.text(column), []).append(column)
    for equated in columns.values():
        if len(equated) > MOST_BRANCHES:
            yield _found(query, equated[0], "chain of ORs", len(equated), negated=False)


def _found(query: Query, tested: exp.Expr, what: str, count: int, *, negated: bool) -> Found:
    name = query.text(tested) if isinstance(tested, exp.Column) else "the row"
    several = "" if isinstance(tested, exp.Column) else "unnest($1, $2)"
    form = f"{name} <> ALL($1)" if negated else f"{name} = ANY($1)"
    cast = _array_type(query, tested)
    return query.found(
        tested,
        f"the {what} of {name} has {count} values: each other number of them is another statement to plan",
        f"JOIN {several} instead" if several else f"{form.replace('$1', f'$1{cast}')} with one array parameter",
    )


def _array_type(query: Query, tested: exp.Expr) -> str:
    origin = query.origin(tested) if isinstance(tested, exp.Column) else None
    column = None if origin is None else origin[1]
    return "" if column is None else f"::{column.type}[]"
