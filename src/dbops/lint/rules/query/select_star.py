"""`SELECT *` returns whatever columns the table happens to have.

Why: A column that is added later travels to every caller, a wide one slows all of them, and a column that is dropped
or moved breaks code that counts on its place. An index-only scan becomes impossible.

Instead: Name the columns that are used. `count(*)` and `EXISTS (SELECT * …)` read no columns and are fine.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.query import Query, Source, folded
from dbops.lint.rule import Edit, Found
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
FIXABLE = True
BAD = (
    "SELECT * FROM orders WHERE id = 1",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\nSELECT * FROM orders WHERE id = 1",
    "SELECT o.* FROM orders o WHERE o.id = 1",
    "INSERT INTO archive SELECT * FROM orders",
    "DELETE FROM orders WHERE id = 1 RETURNING *",
)
GOOD = (
    "SELECT id, total FROM orders WHERE id = 1",
    "SELECT count(*) FROM orders",
    "SELECT id FROM orders o WHERE EXISTS (SELECT * FROM items i WHERE i.order_id = o.id) LIMIT 1",
    "WITH paid AS (SELECT id FROM orders WHERE paid) SELECT * FROM paid LIMIT 10",
)


_SHOWN = 6


def check(query: Query) -> Iterator[Found]:
    """Find each star that stands for a table's columns."""
    for star in query.tree.find_all(exp.Star):
        item = star.parent if isinstance(star.parent, exp.Column) else star
        if isinstance(item.parent, exp.Select | exp.Returning) and not isinstance(item.parent.parent, exp.Exists):
            yield from _star(query, item)


def _star(query: Query, item: exp.Expr) -> Iterator[Found]:
    reader = query.reader(item)
    if reader is None:
        return
    sources = _meant(query, item, reader)
    if sources and all(_lists_columns(query, source) for source in sources):
        return
    start, end = query.span(item)
    columns = _columns(sources, qualify=len(query.sources(reader)) > 1)
    what = query.sql[start:end]
    hint = "name the columns that are used"
    edits: tuple[Edit, ...] = ()
    if columns:
        shown = ", ".join(columns[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
        hint = f"name those of its {len(columns)} columns that are used: {shown}"
        edits = (Edit(start, end, ", ".join(columns)),)
    yield Found(f"{what} returns every column, also those added later", hint, start, end, edits=edits)


def _meant(query: Query, item: exp.Expr, reader: exp.Expr) -> tuple[Source, ...]:
    """Return the items of FROM whose columns the star stands for."""
    sources = query.sources(reader)
    alias = folded(item.args.get("table"))
    return tuple(source for source in sources if not alias or source.alias == alias)


def _lists_columns(query: Query, source: Source) -> bool:
    """Whether the star's columns are listed a few lines above: it reads a WITH query or subquery that names them."""
    inner = source.node.this if isinstance(source.node, exp.Subquery) else None
    if source.relation is None and isinstance(source.node, exp.Table):
        cte = query.ctes(source.node).get(folded(source.node.this))
        inner = None if cte is None else cte.this
    return isinstance(inner, exp.Query) and not any(each.is_star for each in inner.selects)


def _columns(sources: tuple[Source, ...], *, qualify: bool) -> list[str]:
    """Return the columns' names as SQL, or nothing when not all are known."""
    if not all(source.table is not None and source.table.complete and source.table.columns for source in sources):
        return []
    return [
        str(Relation(source.alias if qualify else None, column.name))
        for source in sources
        for column in (source.table.columns if source.table else ())
    ]
