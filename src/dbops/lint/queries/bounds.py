"""How many rows a query can return: a number that grows with its tables, or one that does not. Pure."""

from __future__ import annotations

from dbops.lint.queries.conditions import Pin, is_open, pins
from dbops.lint.queries.guesses import guessed_keys
from dbops.lint.queries.query import Query, Source, folded
from dbops.sql.query import exp

_AGGREGATES = frozenset(
    {
        "every", "jsonb_agg", "json_agg_strict", "jsonb_agg_strict", "xmlagg", "range_agg", "range_intersect_agg",
        "bit_xor", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx",
        "regr_sxy", "regr_syy", "json_arrayagg", "json_objectagg", "st_union", "st_extent", "st_collect", "st_asmvt",
    }
)  # fmt: skip
_ROW = frozenset({"ctid"})
_OF_SEQUENCES = frozenset({"last_value", "log_cnt", "is_called"})
_TABLES = frozenset({"table", "partitioned", "partition"})
_CATALOGS = frozenset({"pg_catalog", "information_schema"})


def bounded(query: Query, node: exp.Expr) -> bool:
    """Whether the rows a query returns don't grow with the tables it reads.

    Where a table's keys are not known, columns with the names of keys are taken for such.
    """
    known = query.bounds
    if not known:  # those that others read first: chains of them can be long
        known[0] = True
        for cte in query.tree.find_all(exp.CTE):
            bounded(query, cte.this)
    if id(node) not in known:
        known[id(node)] = True  # a recursive query's own rows don't make it endless
        known[id(node)] = limited(node) or _bounded(query, node)
    return known[id(node)]


def _bounded(query: Query, node: exp.Expr) -> bool:
    if isinstance(node, exp.Select):
        return single(node) or _has_few_groups(query, node) or _is_sequence(query, node) or not loose(query, node)
    parts = [bounded(query, part) for part in _parts(node)]
    return any(parts) if isinstance(node, exp.Intersect) else all(parts)


def _parts(node: exp.Expr) -> tuple[exp.Expr, ...]:
    """Return the queries whose rows a query that is no SELECT passes on; VALUES and writes have none."""
    if isinstance(node, exp.Subquery | exp.Paren | exp.Except) or _is_recursive(node):
        return (node.this,)  # how often a recursive query goes on can't be told: its first part decides
    return (node.this, node.expression) if isinstance(node, exp.SetOperation) else ()


def limited(node: exp.Expr) -> bool:
    """Whether the query has a LIMIT or FETCH that limits."""
    limit = node.args.get("limit")
    if isinstance(limit, exp.Fetch):
        return True
    if not isinstance(limit, exp.Limit):
        return False
    value = limit.expression
    return not (isinstance(value, exp.Null) or (isinstance(value, exp.Var) and value.name.upper() == "ALL"))


def single(select: exp.Select) -> bool:
    """Whether a SELECT returns one row at most because it aggregates without GROUP BY."""
    if select.args.get("group") is not None:
        return False
    if select.args.get("having") is not None:
        return True
    return any(_aggregates(each) for each in select.expressions)


def _aggregates(expression: exp.Expr) -> bool:
    return any(
        is_aggregate(node) and not _is_windowed(node)
        for node in expression.walk(prune=lambda node: isinstance(node, exp.Query))
    )


def is_aggregate(node: exp.Expr) -> bool:
    """Whether the node is a call of an aggregate function."""
    return isinstance(node, exp.AggFunc) or (isinstance(node, exp.Anonymous) and node.name.lower() in _AGGREGATES)


def _is_windowed(node: exp.Expr) -> bool:
    while isinstance(node.parent, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        node = node.parent
    return isinstance(node.parent, exp.Window) and node.arg_key == "this"


def _has_few_groups(query: Query, select: exp.Select) -> bool:
    """Whether a SELECT is grouped by nothing but columns of few values."""
    group = select.args.get("group")
    return group is not None and bool(group.expressions) and all(_is_few(query, select, x) for x in group.expressions)


def _is_few(query: Query, select: exp.Select, node: exp.Expr) -> bool:
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdecimal():
        place = int(node.name) - 1
        node = select.expressions[place].unalias() if place < len(select.expressions) else node
    if isinstance(node, exp.Tuple) and not node.expressions:  # GROUP BY ()
        return True
    origin = query.origin(node) if isinstance(node, exp.Column) else None
    column = None if origin is None else origin[1]
    if column is None:
        return False
    kinds = {str(name): kind for name, kind in query.schema.types.items()}
    kinds.update({name.name: kind for name, kind in query.schema.types.items()})
    return column.type == "boolean" or kinds.get(column.type) == "enum"


def _is_sequence(query: Query, select: exp.Select) -> bool:
    """Whether it asks a sequence for its state, which is one row."""
    sources = query.sources(select)
    named = {folded(item.unalias().this) for item in select.expressions if isinstance(item.unalias(), exp.Column)}
    if len(sources) != 1 or sources[0].relation is None or sources[0].table is not None:
        return False
    return bool(named) and named <= _OF_SEQUENCES


def loose(query: Query, reader: exp.Expr) -> tuple[Source, ...]:
    """Return the tables, subqueries and WITH queries of which a SELECT or write may read ever more rows.

    None where a program puts in a condition: it may well be the key's.
    """
    found = query.unbounded.get(id(reader))
    if found is None:
        found = query.unbounded[id(reader)] = () if is_open(reader) else _loose(query, reader)
    return found


def _loose(query: Query, reader: exp.Expr) -> tuple[Source, ...]:
    sources = {id(source.node): source for source in query.sources(reader)}
    held = {item for item, source in sources.items() if _is_bounded_item(query, source)}
    if len(held) < len(sources):
        tied = [pin for pin in pins(query, reader) if all(bounded(query, each) for each in pin.queries)]
        while freed := {item for item in sources.keys() - held if _is_held(sources[item], item, tied, held)}:
            held |= freed
    return tuple(source for item, source in sources.items() if item not in held)


def _is_bounded_item(query: Query, source: Source) -> bool:
    relation = source.relation
    if relation is not None:
        return relation.schema in _CATALOGS or relation.name.startswith("pg_")
    inner = query.inner(source)
    return inner is None or bounded(query, inner)


def _is_held(source: Source, item: int, tied: list[Pin], held: set[int]) -> bool:
    columns = {pin.column for pin in tied if pin.item == item and pin.needs <= held}
    return any(key <= columns for key in keys(source))


def keys(source: Source) -> tuple[frozenset[str], ...]:
    """Return the sets of columns of which each names at most one row; a guess for what is not known."""
    table = source.table
    if table is not None and table.kind in _TABLES:
        return (*table.keys, _ROW) if table.complete else (*table.keys, _ROW, *guessed_keys(source.relation))
    return (_ROW, *guessed_keys(source.relation)) if source.relation is not None else guessed_keys(None)


def _is_recursive(node: exp.Expr) -> bool:
    clause = node.parent.parent if isinstance(node, exp.SetOperation) and isinstance(node.parent, exp.CTE) else None
    return clause is not None and bool(clause.args.get("recursive"))
