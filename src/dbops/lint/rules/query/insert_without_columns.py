"""`INSERT` without a list of columns.

Why: The values go by the columns' order in the table. A column that is added, or one that stands elsewhere in another
database, makes the statement fail, or puts values into the wrong columns without an error.

Instead: `INSERT INTO orders (id, total) VALUES …`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.passages import place
from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
FIXABLE = True
IN_MIGRATIONS = False  # a migration knows the table as its own version has it
BAD = (
    "INSERT INTO orders VALUES ($1, $2)",
    "INSERT INTO archived_orders SELECT id, total FROM orders WHERE id = $1",
    "-- schema: CREATE TABLE orders (id bigint, total bigint, note text)\nINSERT INTO orders VALUES (1, 2)",
    "WITH made AS (INSERT INTO orders VALUES (1) RETURNING id) SELECT id FROM made",
)
GOOD = (
    "INSERT INTO orders (id, total) VALUES ($1, $2)",
    "INSERT INTO orders DEFAULT VALUES",
    "INSERT INTO archived_orders (id, total) SELECT id, total FROM orders WHERE id = $1",
    "MERGE INTO orders USING news ON orders.id = news.id WHEN NOT MATCHED THEN INSERT VALUES (news.id)",
)


def check(query: Query) -> Iterator[Found]:
    """Find INSERTs that count on the order of the columns."""
    for insert in query.tree.find_all(exp.Insert):
        target = insert.this
        if isinstance(target, exp.Table) and insert.expression is not None and not insert.args.get("default"):
            yield _found(query, insert, target)


def _found(query: Query, insert: exp.Insert, target: exp.Table) -> Found:
    relation = Relation(folded(target.args.get("db")) or None, folded(target.this))
    columns = ", ".join(_columns(query, insert, relation))
    spot = place(query, target)
    message = f"the values go by the order of the columns in {relation}, whatever that is when it runs"
    if spot is None:
        return query.found(insert, message)
    edits = (Edit(spot.end, spot.end, f" ({columns})"),) if columns else ()
    hint = f"INSERT INTO {relation} ({columns}) …" if columns else "name the columns it fills"
    return Found(message, hint, spot.start, spot.end, edits=edits)


def _columns(query: Query, insert: exp.Insert, relation: Relation) -> list[str]:
    """Return the columns that the values go to, as SQL; empty when that isn't known."""
    table, count = query.schema.table(relation), _count(insert.expression)
    if table is None or not table.complete or count is None or count > len(table.columns):
        return []
    return [str(Relation(None, column.name)) for column in table.columns[:count]]


def _count(values: exp.Expr) -> int | None:
    """Return how many values a row has; None when a star or rows of different lengths leave that open."""
    while isinstance(values, exp.Subquery):
        values = values.this
    if isinstance(values, exp.Values):
        lengths = {len(row.expressions) if isinstance(row, exp.Tuple) else 1 for row in values.expressions}
        return lengths.pop() if len(lengths) == 1 else None
    if not isinstance(values, exp.Query) or any(item.is_star for item in values.selects):
        return None
    return len(values.selects) or None
