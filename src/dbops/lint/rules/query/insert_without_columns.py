"""`INSERT` without a list of columns.

Why: The values go by the columns' order in the table. A column that is added, or one that stands elsewhere in another
database, makes the statement fail, or puts values into the wrong columns without an error. Rows of literals alone,
which are mostly seeds and fixtures, fail where one sees it: they are reported as info. A table that the same file
creates has the columns that the file says, and is not meant.

Instead: `INSERT INTO orders (id, total) VALUES …`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

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
    "CREATE TEMP TABLE late (id bigint); INSERT INTO late SELECT id FROM orders WHERE due < now()",
    "INSERT INTO archived_orders (id, total) SELECT id, total FROM orders WHERE id = $1",
    "MERGE INTO orders USING news ON orders.id = news.id WHEN NOT MATCHED THEN INSERT VALUES (news.id)",
)


_CREATE = re.compile(
    r"""\bCREATE\s+(?:(?:GLOBAL|LOCAL)\s+)?(?:TEMP(?:ORARY)?\s+|UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"""
    r"""(?:(?:\w+|"[^"]*")\s*\.\s*)?(?:"((?:[^"]|"")+)"|(\w+))\s*[(]""",
    re.IGNORECASE,
)


def check(query: Query) -> Iterator[Found]:
    """Find INSERTs that count on the order of the columns."""
    for insert in query.tree.find_all(exp.Insert):
        target = insert.this
        if isinstance(target, exp.Table) and insert.expression is not None and not insert.args.get("default"):
            made = _created(query.sql).get(folded(target.this))
            if made is None or made > query.statement.start:
                yield _found(query, insert, target)


@lru_cache(maxsize=1)
def _created(sql: str) -> dict[str, int]:
    """Return the tables that a script creates, each with where it does so."""
    found = {(match[1] or match[2].lower()): match.start() for match in reversed([*_CREATE.finditer(sql)])}
    return {name.replace('""', '"'): start for name, start in found.items()}


def _found(query: Query, insert: exp.Insert, target: exp.Table) -> Found:
    relation = Relation(folded(target.args.get("db")) or None, folded(target.this))
    columns = ", ".join(_columns(query, insert, relation))
    spot = place(query, target)
    message = f"the values go by the order of the columns in {relation}, whatever that is when it runs"
    if spot is None:
        return query.found(insert, message)
    severity = Severity.INFO if _is_seed(insert.expression) else None
    edits = (Edit(spot.end, spot.end, f" ({columns})"),) if columns else ()
    hint = f"INSERT INTO {relation} ({columns}) …" if columns else "name the columns it fills"
    return Found(message, hint, spot.start, spot.end, severity, edits)


def _is_seed(values: exp.Expr) -> bool:
    """Whether the rows are written out, as in a seed or a fixture."""
    return isinstance(values, exp.Values) and values.find(exp.Parameter, exp.Column, exp.Query) is None


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
