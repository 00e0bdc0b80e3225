"""`ORDER BY random()` reads and sorts every row to return a few of them.

Why: No index can help: each call gives every row that matches a random number and sorts by it, so that the time grows
with the table although the answer does not.

Instead: `TABLESAMPLE SYSTEM (1)` takes random pages without reading the others. For one row, begin at a random key
and take the first from there: `WHERE id >= (SELECT …) ORDER BY id LIMIT 1`, which rather takes rows that follow a
gap. A sample or a bounded subquery may well be shuffled with `ORDER BY random()`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import bounded
from dbops.lint.queries.paging import key
from dbops.lint.queries.passages import condition
from dbops.lint.queries.predicates import integer, own, reads_single_rows
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.rule import Found
from dbops.lint.size import described, grown
from dbops.results.lint import Severity
from dbops.sql.query import exp

SEVERITY = Severity.WARNING
BAD = (
    "SELECT id FROM products ORDER BY random() LIMIT 5",
    "SELECT id FROM products ORDER BY gen_random_uuid()",
    "SELECT id, random() AS chance FROM products ORDER BY chance LIMIT 1",
    "SELECT id, random() FROM products ORDER BY 2 LIMIT 1",
    "-- schema: CREATE TABLE products (sku bigint PRIMARY KEY)\nSELECT sku FROM products ORDER BY random() LIMIT 1",
)
GOOD = (
    "SELECT id FROM products TABLESAMPLE SYSTEM (1) ORDER BY random() LIMIT 5",
    "SELECT id FROM (SELECT id FROM products ORDER BY created_at DESC LIMIT 100) newest ORDER BY random() LIMIT 5",
    "SELECT n FROM generate_series(1, 10) AS n ORDER BY random()",
    "SELECT id FROM products WHERE id >= $1 ORDER BY id LIMIT 1",
    "SELECT array_agg(id ORDER BY random()) FROM products WHERE id = $1",
)

_WHOLE_NUMBERS = frozenset({"smallint", "integer", "bigint"})
_RANDOM = frozenset({"uuid_generate_v4", "uuidv4"})


def check(query: Query) -> Iterator[Found]:
    """Find queries that sort by a random value."""
    for select in query.selects:
        order = select.args.get("order")
        if order is None or not _reads_much(query, select):
            continue
        for ordered in order.expressions:
            if _is_random(select, ordered.this):
                yield _found(query, select, ordered)
                break


def _is_random(select: exp.Select, value: exp.Expr) -> bool:
    place = integer(value)
    if place is not None and 0 < place <= len(select.expressions):
        value = select.expressions[place - 1].unalias()
    elif isinstance(value, exp.Column) and not value.table:
        named = [item.this for item in select.expressions if isinstance(item, exp.Alias)]
        names = [folded(item.args.get("alias")) for item in select.expressions if isinstance(item, exp.Alias)]
        value = dict(zip(names, named, strict=True)).get(folded(value.this), value)
    return any(
        not isinstance(each, exp.Anonymous) or str(each.this).lower() in _RANDOM
        for each in own(value, exp.Rand, exp.Uuid, exp.Anonymous)
    )


def _reads_much(query: Query, select: exp.Select) -> bool:
    sources = query.sources(select)
    return any(_is_large(query, source) for source in sources) and not reads_single_rows(query, select)


def _is_large(query: Query, source: Source) -> bool:
    if source.relation is not None:
        return source.node.args.get("sample") is None
    inner = query.inner(source)
    return inner is not None and not bounded(query, inner)


def _found(query: Query, select: exp.Select, ordered: exp.Expr) -> Found:
    source = next((each for each in query.sources(select) if each.relation is not None), None)
    table = None if source is None else source.table
    size = described(table)
    what = "the subquery" if source is None else f"{source.relation}{f' ({size})' if size else ''}"
    rows = "every row" if select.args.get("where") is None else "every matching row"
    start, end = condition(query, ordered)
    return Found(
        f"sorting by a random value reads {rows} of {what} each time, whatever the LIMIT",
        _hint(source),
        start,
        end,
        grown(table, SEVERITY),
    )


def _hint(source: Source | None) -> str:
    if source is None:
        return "draw from the table itself with TABLESAMPLE, before other work is done on its rows"
    name = source.relation
    sample = f"take random pages: FROM {name} TABLESAMPLE SYSTEM (1) … LIMIT n"
    columns = key(source)
    value = _random_key(source, columns)
    if value is None:
        return sample
    return f"{sample}\nor begin at a random key: WHERE {columns[0]} >= {value} ORDER BY {columns[0]} LIMIT 1"


def _random_key(source: Source, columns: tuple[str, ...]) -> str | None:
    """Return the SQL of a random value of a key, or None when it has several columns or another type.

    As a subquery it is drawn once, and of the key's own type it can be searched for in the index.
    """
    if len(columns) != 1:
        return None
    column = None if source.table is None else source.table.column(columns[0])
    kind = "bigint" if column is None else column.type
    if kind == "uuid":
        return "(SELECT gen_random_uuid())"
    drawn = f"(SELECT floor(random() * max({columns[0]}))::{kind} FROM {source.relation})"
    return drawn if kind in _WHOLE_NUMBERS else None
