"""`OFFSET` reads and throws away every row before the page.

Why: Page 1,000 costs as much as the thousand pages before it. And when rows are added or deleted meanwhile, pages
repeat rows and leave rows out.

Instead: Keyset pagination: order by columns that tell all rows apart, and begin behind the last row of the page
before: `WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT 20`. With an index on these columns
every page costs the same. `OFFSET 0` is not reported, nor is the one row of `LIMIT 1 OFFSET $1`, which
is no page: programs look for the end of a batch so.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import loose
from dbops.lint.queries.paging import key, next_page, ordering
from dbops.lint.queries.passages import clause
from dbops.lint.queries.query import Query, folded
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
BAD = (
    "SELECT id, total FROM orders ORDER BY id LIMIT 20 OFFSET 40",
    "SELECT id FROM orders ORDER BY created_at DESC LIMIT $1 OFFSET $2",
    "SELECT id FROM orders ORDER BY created_at DESC, id OFFSET 100 ROWS FETCH NEXT 20 ROWS ONLY",
    "SELECT id FROM orders UNION ALL SELECT id FROM archive ORDER BY id LIMIT 20 OFFSET $1",
    "SELECT id FROM orders LIMIT 20 OFFSET $1",
    "-- schema: CREATE TABLE orders (number text PRIMARY KEY, placed date)\n"
    "SELECT number FROM orders ORDER BY placed LIMIT 20 OFFSET $1",
)
GOOD = (
    "SELECT id FROM orders WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT 20",
    "SELECT id FROM (SELECT id FROM orders WHERE paid OFFSET 0) o WHERE total > 5 ORDER BY id LIMIT 20",
    "SELECT id FROM orders ORDER BY id LIMIT 20 OFFSET 0",
    "SELECT total FROM orders ORDER BY total DESC LIMIT 1 OFFSET 1",
    "SELECT id FROM orders WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2",
    "SELECT id FROM orders ORDER BY id OFFSET 1",
    "SELECT n FROM generate_series(1, 100) AS n ORDER BY n LIMIT 10 OFFSET 20",
)


def check(query: Query) -> Iterator[Found]:
    """Find each OFFSET that skips rows of a table before a LIMIT."""
    for node in query.tree.find_all(exp.Select, exp.SetOperation, exp.Subquery):
        offset = node.args.get("offset")
        if offset is None or node.args.get("limit") is None or _skips_nothing(node):
            continue
        if isinstance(node, exp.Select) and not loose(query, node):
            continue
        yield clause(
            query,
            offset,
            "OFFSET",
            "OFFSET reads and throws away all rows before the page: the further the page, the slower",
            _hint(query, node),
        )


def _skips_nothing(node: exp.Expr) -> bool:
    offset = node.args["offset"].expression
    if isinstance(offset, exp.Null) or (isinstance(offset, exp.Literal) and offset.name == "0"):
        return True
    limit = node.args["limit"]
    count = limit.expression if isinstance(limit, exp.Limit) else limit.args.get("count")
    return count is None or (isinstance(count, exp.Literal) and count.name == "1")


def _hint(query: Query, node: exp.Expr) -> str:
    """Return the keyset form with the query's own order, to which the key is added so that no two rows are alike."""
    ordered = ordering(query, node)
    if ordered is None:
        return "order by columns, and begin behind the last row of the page before instead of counting rows"
    columns, downs = [query.text(column) for column, _ in ordered], [down for _, down in ordered]
    told = {folded(column.this) for column, _ in ordered}
    sources = query.sources(node) if isinstance(node, exp.Select) else ()
    if sources and not node.args.get("group") and not node.args.get("distinct") and "id" not in told:
        known = key(sources[0], qualify=len(sources) > 1)
        columns += [column for column in known if column.rpartition(".")[2] not in told]
    if not columns:
        return "ORDER BY columns that tell the rows apart, and begin behind the last row of the page before"
    mixed = "order all columns the same way, then " if len(set(downs)) > 1 else ""
    page = next_page(query, node, columns, down=bool(downs) and downs[-1], count=_count(node))
    return f"{mixed}begin behind the last row of the page before: {page}"


def _count(node: exp.Expr) -> str:
    limit = node.args["limit"]
    count = limit.expression if isinstance(limit, exp.Limit) else limit.args.get("count")
    return count.name if isinstance(count, exp.Literal) else "20"
