"""`SELECT *` returns whatever columns the table happens to have.

Why: A column that is added later travels to every caller, a wide one slows all of them, and a column that is dropped
or moved breaks code that counts on its place. An index-only scan becomes impossible. A view keeps the columns of the
day it was made, and `INSERT … SELECT *` breaks, or puts values into the wrong columns, when one of the tables changes.

Instead: Name the columns that are used. `count(*)`, `EXISTS (SELECT * …)` and `to_jsonb(t.*)` are fine, as is a star
over a subquery or WITH query that names its columns. `--fix` writes the columns where all of them are known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.from_items import EXCLUDED, pairings
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.queries.written import name
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
FIXABLE = True
BAD = (
    "SELECT * FROM orders WHERE id = 1",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\nSELECT * FROM orders WHERE id = 1",
    "SELECT o.* FROM orders o WHERE o.id = 1",
    "SELECT (o).* FROM orders o WHERE o.id = 1",
    "SELECT shop.orders.*, 1 FROM shop.orders WHERE id = 1",
    "SELECT id FROM orders WHERE id IN (SELECT * FROM late)",
    "INSERT INTO archive SELECT * FROM orders",
    "DELETE FROM orders WHERE id = 1 RETURNING *",
    "INSERT INTO orders (total) VALUES (1) RETURNING orders.*",
    "CREATE VIEW paid AS SELECT * FROM orders WHERE paid",
    "CREATE TABLE copy AS SELECT * FROM orders",
    "SELECT * FROM orders JOIN items USING (order_id) WHERE order_id = 1",
    "WITH late AS (SELECT * FROM orders) SELECT * FROM late LIMIT 10",
    "TABLE orders",
)
GOOD = (
    "SELECT id, total FROM orders WHERE id = 1",
    "SELECT count(*) FROM orders",
    "SELECT count(o.*) FROM orders o",
    "SELECT to_jsonb(o.*) FROM orders o WHERE id = 1",
    "SELECT id FROM orders o WHERE EXISTS (SELECT * FROM items i WHERE i.order_id = o.id) LIMIT 1",
    "SELECT id FROM orders WHERE NOT EXISTS (SELECT * FROM late UNION ALL SELECT * FROM lost) LIMIT 1",
    "WITH paid AS (SELECT id FROM orders WHERE paid) SELECT * FROM paid LIMIT 10",
    "SELECT * FROM (SELECT id, total FROM orders) o LIMIT 10",
    "SELECT s.* FROM orders o, LATERAL (SELECT sku FROM items i WHERE i.order_id = o.id LIMIT 1) s WHERE o.id = 1",
    "SELECT * FROM generate_series(1, 3)",
    "SELECT * FROM jsonb_to_recordset($1) AS x (id int, sku text)",
    "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (id, sku)",
)
_SHOWN = 6


def check(query: Query) -> Iterator[Found]:
    """Find each star that stands for a table's columns."""
    for star in query.tree.find_all(exp.Star):
        item = star.parent if isinstance(star.parent, exp.Column | exp.Dot) else star
        if isinstance(item.parent, exp.Select | exp.Returning) and not _is_asked_for_rows_only(item.parent):
            yield from _star(query, item)


def _is_asked_for_rows_only(node: exp.Expr) -> bool:
    """Whether the query is EXISTS's, which asks whether there is a row."""
    parent = node.parent
    while isinstance(parent, exp.SetOperation | exp.Subquery | exp.Paren):
        parent = parent.parent
    return isinstance(parent, exp.Exists)


def _star(query: Query, item: exp.Expr) -> Iterator[Found]:
    reader = query.reader(item)
    if reader is None:
        return
    sources = _meant(query, item, reader)
    if not any(source.relation is not None for source in sources):
        return  # its columns are named in the subquery, or one finds the star there
    span = query.span(item)
    columns = _columns(query, item, reader, sources)
    hint = "name the columns that are used"
    edits: tuple[Edit, ...] = ()
    if columns:
        shown = ", ".join(columns[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
        hint = f"name those of its {len(columns)} columns that are used: {shown}"
        if query.sql[span.start : span.end].endswith("*"):  # TABLE t has no star
            edits = (Edit(span.start, span.end, ", ".join(columns)),)
    yield Found(_message(query, item), hint, span.start, span.end, edits=edits)


def _message(query: Query, item: exp.Expr) -> str:
    what = query.text(item)
    return f"{what if what.endswith('*') else 'TABLE'} returns every column, also those added later"


def _meant(query: Query, item: exp.Expr, reader: exp.Expr) -> tuple[Source, ...]:
    """Return the items of FROM whose columns the star stands for."""
    alias, schema = folded(item.args.get("table")), folded(item.args.get("db"))
    return tuple(
        source
        for source in query.sources(reader)
        if source.alias != EXCLUDED
        and (not alias or source.alias == alias)
        and (not schema or (source.relation is not None and source.relation.schema == schema))
    )


def _columns(query: Query, item: exp.Expr, reader: exp.Expr, sources: tuple[Source, ...]) -> list[str]:
    """Return the columns as SQL in the star's order, or nothing when that isn't known for sure."""
    aliases = [source.alias for source in query.sources(reader)]
    merged = isinstance(item, exp.Star) and any(_merges(pairing.join) for pairing in pairings(reader))
    if merged or isinstance(reader, exp.Merge) or len(set(aliases)) < len(aliases):
        return []
    if not all(source.known for source in sources):
        return []
    return [
        name(source.alias, column.name) if len(aliases) > 1 else name(column.name)
        for source in sources
        for column in (source.table.columns if source.table else ())
    ]


def _merges(join: exp.Expr | None) -> bool:
    """Whether a join makes one column of two, as USING and NATURAL do."""
    return join is not None and bool(join.args.get("using") or join.args.get("method"))
