"""`DELETE` without `WHERE` deletes every row of the table.

Why: It is mostly a WHERE that was forgotten, or lost when a program built the text, and what was there is gone. Even
when it is meant, it marks row by row, locks all of them until it commits, and frees no space.

Instead: Write the WHERE. When the table is to be empty, `TRUNCATE` it: that is instant and frees the space, but waits
for and blocks everyone else who uses the table. When all but few rows go, delete in batches of some thousand.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.query import Query
from dbops.lint.queries.whole import is_whole
from dbops.lint.rule import Found
from dbops.lint.size import described
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.ERROR
NEEDS_WHOLE = True
BAD = (
    "DELETE FROM orders",
    "DELETE FROM orders WHERE true",
    "DELETE FROM orders WHERE 1 = 1",
    "DELETE FROM orders WHERE NOT false AND 'a' = 'a'",
    "DELETE FROM orders USING items",
    "WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone",
)
GOOD = (
    "DELETE FROM orders WHERE id = 1",
    "DELETE FROM orders USING items WHERE items.order_id = orders.id",
    "DELETE FROM orders WHERE 1 = 2",
    "TRUNCATE orders",
    "MERGE INTO orders o USING items i ON i.order_id = o.id WHEN MATCHED THEN DELETE",
)


def check(query: Query) -> Iterator[Found]:
    """Find each DELETE that no condition keeps from any row."""
    for delete in query.tree.find_all(exp.Delete):
        if is_whole(delete):
            target = query.sources(delete)[0]
            relation = target.relation or target.alias
            size = described(target.table)
            yield query.found(
                delete if delete is query.tree else delete.this,
                f"it deletes every row of {relation}{f' ({size})' if size else ''}",
                f"say which rows in a WHERE; to empty the table: TRUNCATE {relation}",
            )
