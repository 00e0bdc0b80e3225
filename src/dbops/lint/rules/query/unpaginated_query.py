"""A query without LIMIT returns as many rows as its tables come to hold.

Why: It is fast in a test with twenty rows. With the table's growth the server reads and sorts more, and the client
holds all of it in memory, until one of them gives up.

Instead: Read in pages by a key: `WHERE id > $1 ORDER BY id LIMIT 100`, with the last row's key for the next page. What
can't grow is fine: aggregates without GROUP BY, a row looked up by a unique key, what a short list of keys names. To
export a whole table use COPY or a cursor. Where the schema is known its keys decide; else a column `id` counts as one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import bounded, loose
from dbops.lint.queries.paging import key, placeholders, row
from dbops.lint.queries.query import Query, Source
from dbops.lint.rule import Found
from dbops.lint.size import described, weighed
from dbops.results.lint import Severity
from dbops.sql.nodes import kind
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
NEEDS_WHOLE = True
IN_MIGRATIONS = False
_ORDERS = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, number text UNIQUE, customer_id bigint, paid bool)\n"
    "-- schema: CREATE TABLE items (order_id bigint, line int, sku text, PRIMARY KEY (order_id, line))\n"
)
BAD = (
    "SELECT id, total FROM orders",
    "SELECT id, total FROM orders WHERE customer_id = $1 ORDER BY created_at",
    "SELECT id FROM orders LIMIT ALL",
    "SELECT id FROM orders LIMIT NULL",
    "SELECT customer_id, count(*) FROM orders GROUP BY customer_id",
    "SELECT id, count(*) OVER () FROM orders",
    "SELECT id FROM orders UNION ALL (SELECT id FROM archive LIMIT 10)",
    "SELECT o.id, i.sku FROM orders o JOIN items i ON i.order_id = o.id WHERE i.sku = $1",
    "SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE vip)",
    "SELECT o.id FROM orders o LEFT JOIN customers c ON o.id = $1",
    "WITH late AS (SELECT id FROM orders WHERE due < now()) SELECT id FROM late",
    *(
        _ORDERS + text
        for text in (
            "SELECT sku FROM items WHERE order_id = $1",
            "SELECT id FROM orders WHERE number = $1 OR customer_id = $2",
            "SELECT id, sku FROM orders JOIN items ON order_id = id WHERE id = $1",
        )
    ),
)
GOOD = (
    "SELECT id, total FROM orders ORDER BY id LIMIT 100",
    "SELECT id FROM orders ORDER BY id FETCH FIRST 10 ROWS ONLY",
    "SELECT id FROM orders ORDER BY id LIMIT $1",
    "SELECT count(*), max(total) FROM orders",
    "SELECT jsonb_agg(total) FROM orders",
    "SELECT sum(total) FILTER (WHERE paid) FROM orders",
    "SELECT 1 FROM orders HAVING true",
    "SELECT total FROM orders WHERE id = $1",
    "SELECT total FROM orders WHERE id = ANY($1)",
    "SELECT total FROM orders WHERE id IN (1, 2, 3)",
    "SELECT total FROM orders WHERE id = $1 OR id = $2",
    "SELECT total FROM orders WHERE id IN (SELECT order_id FROM payments ORDER BY id LIMIT 10)",
    "SELECT total FROM orders WHERE id = (SELECT max(order_id) FROM payments)",
    "SELECT o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1",
    "SELECT now()",
    "VALUES (1), (2)",
    "SELECT n FROM generate_series(1, 10) AS n",
    "SELECT id FROM unnest($1::int[]) AS id",
    "SELECT tag FROM orders o, unnest(o.tags) AS tag WHERE o.id = $1",
    "(SELECT id FROM a ORDER BY id LIMIT 5) UNION ALL (SELECT id FROM b ORDER BY id LIMIT 5)",
    "SELECT id FROM orders UNION SELECT id FROM archive ORDER BY id LIMIT 10",
    "INSERT INTO archive (id) SELECT id FROM orders",
    "CREATE TABLE old AS SELECT id FROM orders",
    "CREATE VIEW paid AS SELECT id FROM orders WHERE paid",
    "SELECT id INTO old FROM orders",
    "COPY (SELECT id FROM orders) TO STDOUT",
    "DECLARE c CURSOR FOR SELECT id FROM orders",
    "EXPLAIN SELECT id FROM orders",
    "WITH late AS (SELECT id FROM orders WHERE due < now()) SELECT count(*) FROM late",
    "WITH RECURSIVE up AS (SELECT id, parent_id FROM parts WHERE id = $1 UNION ALL"
    " SELECT p.id, p.parent_id FROM parts p JOIN up ON p.id = up.parent_id) SELECT id FROM up",
    "WITH done AS (DELETE FROM jobs WHERE id = $1 RETURNING id) SELECT id FROM done",
    "SELECT pid, state FROM pg_stat_activity",
    *(
        _ORDERS + text
        for text in (
            "SELECT id FROM orders WHERE number = $1",
            "SELECT sku FROM items WHERE order_id = $1 AND line = $2",
            "SELECT sku FROM items WHERE (order_id, line) = ($1, $2)",
            "SELECT sku FROM items WHERE (order_id, line) IN (($1, $2), ($3, $4))",
            "SELECT number, sku FROM items JOIN orders ON orders.id = order_id WHERE line = 1 AND order_id = $1",
            "SELECT paid, count(*) FROM orders GROUP BY paid",
        )
    ),
)


def check(query: Query) -> Iterator[Found]:
    """Find a statement whose own rows, those that the client gets, can be ever more."""
    tree = query.tree
    if not isinstance(tree, exp.Query) or tree.args.get("into") is not None or not _is_sent(query):
        return
    if bounded(query, tree):
        return
    select = next((each for each in _sent(tree) if not bounded(query, each)), None)
    sources = () if select is None else loose(query, select)
    if select is None or not sources:
        return
    source = _largest(sources)
    size = described(source.table)
    yield Found(
        f"without LIMIT it returns ever more rows as {_named(source)}{f' ({size})' if size else ''} grows",
        _hint(query, select, source),
        severity=weighed(source.table, SEVERITY),
    )


def _is_sent(query: Query) -> bool:
    """Whether a client gets all rows at once, not by a cursor, a COPY, or as a plan."""
    node = query.statement.node
    return node is None or kind(node) in ("SelectStmt", "PrepareStmt")


def _sent(tree: exp.Expr) -> Iterator[exp.Select]:
    """Yield the SELECTs whose rows a query passes on as they are."""
    if isinstance(tree, exp.Select):
        yield tree
    elif isinstance(tree, exp.SetOperation):
        yield from _sent(tree.this)
        yield from _sent(tree.expression)
    elif isinstance(tree, exp.Subquery | exp.Paren):
        yield from _sent(tree.this)


def _largest(sources: tuple[Source, ...]) -> Source:
    """Return the source that is known to be largest; one of unknown size counts for more."""
    return max(sources, key=_rows)


def _rows(source: Source) -> float:
    rows = None if source.table is None else source.table.rows
    return float("inf") if rows is None else rows


def _named(source: Source) -> str:
    return str(source.relation) if source.relation is not None else source.alias or "the subquery"


def _hint(query: Query, select: exp.Select, source: Source) -> str:
    columns = key(source, qualify=len(query.sources(select)) > 1)
    if select.args.get("group") is not None or not columns:
        return "add ORDER BY and LIMIT, and read page after page by the columns of the ORDER BY"
    joint = "WHERE" if select.args.get("where") is None else "AND"
    return (
        f"read page after page: {joint} {row(columns)} > {placeholders(len(columns))} "
        f"ORDER BY {', '.join(columns)} LIMIT 100"
    )
