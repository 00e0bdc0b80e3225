"""`UPDATE` without `WHERE` changes every row of the table.

Why: It is mostly a WHERE that was forgotten, or lost when a program built the text, and what was there is gone. Even
when it is meant, it writes each row anew, locks all of them until it commits, and doubles the table.

Instead: Write the WHERE. When all rows are meant, change them in batches of some thousand, each in a transaction of
its own (`dbops backfill`), and say which rows still need it: `WHERE status IS DISTINCT FROM 'new'`.
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
IN_MIGRATIONS = False
BAD = (
    "UPDATE orders SET status = 'new'",
    "UPDATE orders SET status = 'new' WHERE true",
    "UPDATE orders SET status = 'new' WHERE 1 = 1",
    "UPDATE orders SET total = i.total FROM items i",
    "WITH changed AS (UPDATE orders SET paid = true RETURNING id) SELECT count(*) FROM changed",
)
GOOD = (
    "UPDATE orders SET status = 'new' WHERE id = 1",
    "UPDATE orders SET total = i.total FROM items i WHERE i.order_id = orders.id",
    "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET total = excluded.total",
    "MERGE INTO orders o USING items i ON i.order_id = o.id WHEN MATCHED THEN UPDATE SET total = i.total",
    "SELECT id FROM orders WHERE id = 1 FOR UPDATE",
)


def check(query: Query) -> Iterator[Found]:
    """Find each UPDATE that no condition keeps from any row."""
    for update in query.tree.find_all(exp.Update):
        if is_whole(update):
            target = query.sources(update)[0]
            size = described(target.table)
            yield query.found(
                update if update is query.tree else update.this,
                f"it changes every row of {target.relation or target.alias}{f' ({size})' if size else ''}, and locks "
                "them until it commits",
                "say which rows in a WHERE; when all are meant, change some thousand at a time",
            )
