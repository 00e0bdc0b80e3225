"""`NATURAL JOIN` joins on whatever columns happen to have the same name in both tables.

Why: A column that is added later, such as created_at in both, becomes part of the join: the query returns fewer rows,
or none, without an error. Where no name is shared, each row is joined with each.

Instead: `USING (…)` or `ON …` with the columns that are meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.query import Query, Source
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
BAD = (
    "SELECT name FROM orders NATURAL JOIN customers LIMIT 10",
    "-- schema: CREATE TABLE orders (id bigint, customer_id bigint)\n"
    "-- schema: CREATE TABLE customers (customer_id bigint, name text)\n"
    "SELECT name FROM orders NATURAL LEFT JOIN customers LIMIT 10",
)
GOOD = (
    "SELECT name FROM orders JOIN customers USING (customer_id) LIMIT 10",
    "SELECT name FROM orders JOIN customers ON customers.id = orders.customer_id LIMIT 10",
)


def check(query: Query) -> Iterator[Found]:
    """Find natural joins."""
    for join in query.tree.find_all(exp.Join):
        if str(join.args.get("method") or "").upper() == "NATURAL":
            yield _found(query, join)


def _found(query: Query, join: exp.Join) -> Found:
    reader = query.reader(join)
    sources = () if reader is None else query.sources(reader)
    shared = _shared(sources, join)
    name = query.text(join.this)
    hint = f"JOIN {name} USING (…) with the columns that are meant"
    if shared:
        hint = f"JOIN {name} USING ({', '.join(str(Relation(None, column)) for column in shared)})"
    return query.found(
        join.this, f"NATURAL JOIN links {name} by every column name that both sides have, also by later ones", hint
    )


def _shared(sources: tuple[Source, ...], join: exp.Join) -> list[str]:
    """Return the columns that it joins on, where the schema knows the only two tables."""
    if len(sources) != 2 or any(source.table is None or not source.table.complete for source in sources):
        return []
    joined = next((source.table for source in sources if source.node is join.this), None)
    other = next((source.table for source in sources if source.node is not join.this), None)
    if joined is None or other is None:
        return []
    return [column.name for column in other.columns if joined.column(column.name) is not None]
