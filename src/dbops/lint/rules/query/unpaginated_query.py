"""A query without LIMIT returns as many rows as its tables come to hold.

Why: It is fast in a test with twenty rows. With the table's growth the server reads and sorts more, and the client
holds all of it in memory, until one of them gives up.

Instead: Read in pages by a key: `WHERE id > $1 ORDER BY id LIMIT 100`, with the last row's key for the next page. What
can't grow is fine: aggregates without GROUP BY, a row looked up by a unique key, what a short list of keys names. To
export a whole table use COPY or a cursor. Where the schema is known its keys decide; else columns such
as `id`, `email`, and `order_id` of a table `orders` count as keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import bounded, loose
from dbops.lint.queries.paging import key, next_page, ordering
from dbops.lint.queries.predicates import unwrapped
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.rule import Found
from dbops.lint.size import described, grown
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
    "SELECT name FROM customers WHERE customer_id = $1",
    "SELECT o.total, c.name FROM orders o JOIN customers c USING (customer_id) WHERE o.order_id = $1",
    "SELECT name FROM users WHERE email = $1",
    "SELECT total FROM orders WHERE ctid = $1",
    "SELECT last_value, is_called FROM orders_id_seq",
    "SELECT total FROM orders WHERE region = $1 AND ($2)",
    *(
        _ORDERS + text
        for text in (
            "SELECT id FROM orders WHERE number = $1",
            "SELECT sku FROM items WHERE order_id = $1 AND line = $2",
            "SELECT sku FROM items WHERE (order_id, line) = ($1, $2)",
            "SELECT sku FROM items WHERE (order_id, line) IN (($1, $2), ($3, $4))",
            "SELECT number, sku FROM items JOIN orders ON orders.id = order_id WHERE line = 1 AND order_id = $1",
            "SELECT paid, count(*) FROM orders GROUP BY paid",
            "SELECT sku FROM items JOIN packed p USING (order_id, line) WHERE order_id = 1 AND line = 2 AND p.id = 3",
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
        f"without LIMIT it returns ever more rows as {_named(query, source)}{f' ({size})' if size else ''} grows",
        _hint(query, select, source),
        severity=grown(source.table, SEVERITY),
    )


_CONSTANTS = (exp.Literal, exp.Boolean, exp.Null, exp.Parameter)


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


def _named(query: Query, source: Source) -> str:
    """Return a table's name: for a subquery or WITH query that of a table whose rows it passes on."""
    inner, name = query.inner(source), source.alias or "the subquery"
    while inner is not None:
        select = next((each for each in _sent(inner) if not bounded(query, each)), None)
        within = () if select is None else loose(query, select)
        if not within:
            return name
        source = _largest(within)
        inner = query.inner(source)
    return str(source.relation) if source.relation is not None else source.alias or name


def _hint(query: Query, select: exp.Select, source: Source) -> str:
    if select.expressions and all(isinstance(item.unalias(), _CONSTANTS) for item in select.expressions):
        return "if the question is whether there is a row: SELECT EXISTS (…), or LIMIT 1"
    columns, down = _columns(query, select, source)
    if not columns:
        return "add ORDER BY and LIMIT, and read page after page by the columns of the ORDER BY"
    return f"read page after page: {next_page(query, select, columns, down=down)}"


def _columns(query: Query, select: exp.Select, source: Source) -> tuple[tuple[str, ...], bool]:
    """Return the columns by which the rows can be read in pages, and whether downwards; none when that isn't known."""
    group, distinct = select.args.get("group"), select.args.get("distinct")
    if group is not None or distinct is not None:
        apart = group.expressions if group is not None else [unwrapped(item.unalias()) for item in select.expressions]
        named = all(isinstance(each, exp.Column) and not each.is_star for each in apart)
        simple = named and select.args.get("order") is None and (distinct is None or not distinct.args.get("on"))
        return (tuple(query.text(each) for each in apart), False) if simple else ((), False)
    ordered = ordering(query, select)
    known = key(source, qualify=len(query.sources(select)) > 1)
    if not ordered:
        return known if ordered is not None else (), False
    downs = {down for _, down in ordered}
    told = {folded(column.this) for column, _ in ordered}
    rest = [column for column in known if column.rpartition(".")[2] not in told]
    named_columns = (*(query.text(column) for column, _ in ordered), *rest)
    return (named_columns, downs == {True}) if len(downs) == 1 and known else ((), False)
