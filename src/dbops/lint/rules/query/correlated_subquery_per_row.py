"""A subquery for one value that is run again for each row of the query around it.

Why: PostgreSQL turns EXISTS and IN into joins, but never a subquery that is used as a value and refers to the outer
row: that one is a loop, whose cost is the number of outer rows times one search (or, without an index, one reading of
the whole inner table).

Instead: A join with the inner table, or with the inner table grouped once by the column that links the two. For the
first row of a kind, an index that begins with the linking column and goes on with the order: where the schema has one,
nothing is reported. Below a LIMIT of at most 100 rows, or for a list of keys, it is info.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.lint.queries import passages
from dbops.lint.queries.bounds import loose, single
from dbops.lint.queries.paging import ordering
from dbops.lint.queries.predicates import integer, limit, operands, reads_single_rows
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.rule import Found
from dbops.lint.size import grown
from dbops.results.lint import Severity
from dbops.sql.nodes import Relation
from dbops.sql.query import exp

SEVERITY = Severity.WARNING

FEW_ROWS = 100
"""Outer rows for each of which one search by key is no matter."""

BAD = (
    "SELECT o.id, (SELECT count(*) FROM items i WHERE i.order_id = o.id) FROM orders o",
    "SELECT o.id, (SELECT c.name FROM customers c WHERE c.id = o.customer_id) AS customer FROM orders o",
    "SELECT o.id FROM orders o WHERE o.total > (SELECT avg(p.total) FROM orders p WHERE p.customer_id = o.customer_id)",
    "SELECT o.id, coalesce((SELECT sum(i.price) FROM items i WHERE i.order_id = o.id), 0) FROM orders o LIMIT 10",
    "SELECT o.id, ARRAY (SELECT i.sku FROM items i WHERE i.order_id = o.id) FROM orders o",
    "SELECT o.id FROM orders o ORDER BY (SELECT count(*) FROM items i WHERE i.order_id = o.id) LIMIT 10",
    "UPDATE orders o SET total = (SELECT sum(i.price) FROM items i WHERE i.order_id = o.id) WHERE o.paid",
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint)\n"
    "-- schema: CREATE TABLE customers (number bigint PRIMARY KEY, name text)\n"
    "SELECT id, (SELECT name FROM customers WHERE number = buyer) FROM orders",
)
GOOD = (
    "SELECT o.id, count(i.id) FROM orders o LEFT JOIN items i ON i.order_id = o.id GROUP BY o.id",
    "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id)",
    "SELECT o.id FROM orders o WHERE 3 IN (SELECT i.sku FROM items i WHERE i.order_id = o.id)",
    "SELECT o.id, (SELECT count(*) FROM items i WHERE i.order_id = o.id) FROM orders o WHERE o.id = $1",
    "SELECT o.id, (SELECT c.name FROM customers c WHERE c.id = o.customer_id) FROM orders o ORDER BY o.id LIMIT 20",
    "SELECT o.id, (SELECT max(total) FROM orders) AS most FROM orders o",
    "SELECT o.id, l.at FROM orders o LEFT JOIN LATERAL (SELECT e.at FROM events e WHERE e.order_id = o.id "
    "ORDER BY e.at DESC LIMIT 1) l ON true",
    "SELECT o.id FROM orders o WHERE (SELECT count(*) FROM items i WHERE i.order_id = o.id) = 0",
    "-- schema: CREATE TABLE events (order_id bigint, at timestamptz)\n"
    "-- schema: CREATE INDEX ON events (order_id, at)\n"
    "SELECT o.id, (SELECT at FROM events e WHERE e.order_id = o.id ORDER BY at DESC LIMIT 1) FROM orders o",
    "UPDATE orders o SET total = (SELECT sum(i.price) FROM items i WHERE i.order_id = o.id) WHERE o.id = $1",
    "SELECT d, (SELECT count(*) FROM orders o WHERE o.day = d.day) FROM generate_series($1, $2) AS d",
)


def check(query: Query) -> Iterator[Found]:
    """Find subqueries in the select list, in SET, WHERE, HAVING and ORDER BY that give a value of the outer row."""
    for value in query.tree.find_all(exp.Subquery, exp.Array):
        reader = query.reader(value)
        select = value.expressions[0] if isinstance(value, exp.Array) and value.expressions else value.unnest()
        if reader is None or not isinstance(select, exp.Select) or not _is_value(value, reader):
            continue
        outer = _outer(query, value, reader)
        if outer is not None and not _runs_seldom(query, value, select, reader):
            yield _found(query, value, select, outer)


def _is_value(value: exp.Expr, reader: exp.Expr) -> bool:
    """Whether a subquery stands for one value in a reader's select list, SET or conditions."""
    if isinstance(value.parent, exp.In | exp.Exists | exp.Any | exp.All | exp.SetOperation | exp.Subquery):
        return False
    node = value
    while node.parent is not None and node.parent is not reader:
        node = node.parent
    if node.arg_key == "expressions":
        return isinstance(reader, exp.Select | exp.Update)
    return node.arg_key in ("where", "having", "order")


def _outer(query: Query, value: exp.Expr, reader: exp.Expr) -> Source | None:
    """Return the item of the reader's FROM whose rows the subquery depends on."""
    here = {id(source.node): source for source in query.sources(reader)}
    for column in value.find_all(exp.Column):
        origin = query.origin(column)
        source = None if origin is None else here.get(id(origin[0].node))
        if source is not None and _has_many_rows(source):
            return source
    return None


def _has_many_rows(source: Source) -> bool:
    """Whether it is a table or query, rather than a function or a list of values."""
    return source.relation is not None or (
        isinstance(source.node, exp.Subquery | exp.Table) and isinstance(source.node.this, exp.Identifier | exp.Query)
    )


def _runs_seldom(query: Query, value: exp.Expr, select: exp.Select, reader: exp.Expr) -> bool:
    """Whether it runs once, or runs a few times for one row each; a LIMIT has no say in what WHERE is asked about."""
    if reads_single_rows(query, reader) or _asks_for_existence(value, select) or _is_one_search(query, select):
        return True
    rows = _few(value, reader)
    return rows is not None and (rows <= 1 or reads_single_rows(query, select))


def _few(value: exp.Expr, reader: exp.Expr) -> int | None:
    """Return for how many rows it runs at most, if a LIMIT makes them few."""
    rows = limit(reader)
    return None if rows is None or rows > FEW_ROWS or _comes_before_limit(value, reader) else rows


def _asks_for_existence(value: exp.Expr, select: exp.Select) -> bool:
    """Whether it is a count that is compared with 0 or 1: count-star-for-existence makes a semi-join of that."""
    parent = value.parent
    if not isinstance(parent, exp.Binary) or not isinstance(select.expressions[0].unalias(), exp.Count):
        return False
    return integer(parent.this) in {0, 1} or integer(parent.expression) in {0, 1}


def _comes_before_limit(value: exp.Expr, reader: exp.Expr) -> bool:
    clause = value.find_ancestor(exp.Where, exp.Having, exp.Order)
    return clause is not None and clause.parent is reader


def _found(query: Query, value: exp.Expr, select: exp.Select, outer: Source) -> Found:
    inner = query.sources(select)
    names = " and ".join(str(source.relation or source.alias) for source in inner) or "it"
    part = passages.inside(query, value)
    start, end = part or query.span(value)
    return Found(
        f"the subquery on {names} runs once for each row of {outer.relation or outer.alias}",
        _hint(query, select, inner),
        start,
        end,
        Severity.INFO if _runs_few_times(query, value, outer) else grown(outer.table, SEVERITY),
    )


def _runs_few_times(query: Query, value: exp.Expr, outer: Source) -> bool:
    """Whether a LIMIT, or a list of keys, makes the outer rows few."""
    reader = query.reader(value)
    return reader is not None and (_few(value, reader) is not None or outer not in loose(query, reader))


@dataclass(frozen=True, slots=True)
class _Link:
    """What ties the subquery to the outer row: its ``column`` equals ``outer``; ``others`` are its other conditions."""

    column: str
    outer: str
    others: tuple[str, ...]


def _hint(query: Query, select: exp.Select, inner: tuple[Source, ...]) -> str:
    link = _link(query, select, inner)
    relation = inner[0].relation if len(inner) == 1 else None
    if isinstance(query.reader(select), exp.Update) and not select.find_ancestor(exp.Where):
        return "UPDATE … FROM what it reads, grouped once if it aggregates; with a WHERE, for the rows that need it"
    if link is None or relation is None:
        return "join what it reads, grouped once if it aggregates"
    if select.args.get("limit") is not None:
        columns = ", ".join(dict.fromkeys((link.column, *_order(query, select))))
        return f"each run is one search with: CREATE INDEX CONCURRENTLY ON {relation} ({columns})"
    name = inner[0].alias
    source = str(relation) if name == relation.name else f"{relation} {name}"
    if not single(select):
        return f"LEFT JOIN {source} ON {' AND '.join((f'{name}.{link.column} = {link.outer}', *link.others))}"
    return _grouped(query, select, source, link)


def _order(query: Query, select: exp.Select) -> Iterator[str]:
    """Yield the columns of its ORDER BY as an index has them."""
    for column, down in ordering(query, select) or ():
        yield str(Relation(None, folded(column.this))) + (" DESC" if down else "")


def _is_one_search(query: Query, select: exp.Select) -> bool:
    """Whether it takes the first row of an index's order, which no join does better."""
    sources = query.sources(select)
    link = _link(query, select, sources)
    if limit(select) != 1 or link is None or len(sources) != 1 or sources[0].table is None:
        return False
    wanted = [link.column, *(str(Relation(None, folded(column.this))) for column, _ in ordering(query, select) or ())]
    indexed = ([str(Relation(None, name)) for name in index.columns if name] for index in sources[0].table.indexes)
    return any(columns[: len(wanted)] == wanted for columns in indexed)


def _grouped(query: Query, select: exp.Select, source: str, link: _Link) -> str:
    """Return the join with the inner table grouped by the column that links it."""
    key, name = link.column, f"per_{link.column}"
    items = ", ".join(passages.text(query, item) for item in select.expressions)
    where = f" WHERE {' AND '.join(link.others)}" if link.others else ""
    grouped = f"SELECT {key}, {items} FROM {source}{where} GROUP BY {key}"
    join = f"LEFT JOIN ({grouped}) {name} ON {name}.{key} = {link.outer}"
    counts = any(item.find(exp.Count) is not None for item in select.expressions)
    return f"{join}\nwith coalesce(…, 0) for rows that have none" if counts else join


def _link(query: Query, select: exp.Select, inner: tuple[Source, ...]) -> _Link | None:
    """Return the one equation of an inner with an outer column; None when there are none or several."""
    where = select.args.get("where")
    conditions = () if where is None else tuple(operands(where.this, exp.And))
    here = {id(source.node) for source in inner}
    found = []
    for number, condition in enumerate(conditions):
        for one, other in _sides(condition):
            near, far = query.origin(one), query.origin(other)
            if near and far and id(near[0].node) in here and id(far[0].node) not in here:
                others = (passages.text(query, each) for each in conditions[:number] + conditions[number + 1 :])
                found.append(_Link(str(Relation(None, folded(one.this))), query.text(other), tuple(others)))
    return found[0] if len(found) == 1 else None


def _sides(condition: exp.Expr) -> Iterator[tuple[exp.Column, exp.Column]]:
    """Yield both directions of an equation of two columns."""
    if isinstance(condition, exp.EQ):
        one, other = condition.this, condition.expression
        if isinstance(one, exp.Column) and isinstance(other, exp.Column):
            yield one, other
            yield other, one
