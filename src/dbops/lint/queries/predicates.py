"""What expressions and conditions say of a query's rows, above all whether one row at most is left. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.queries.bounds import keys, single
from dbops.lint.queries.conditions import Items, Pin, conditions, is_open, mentioned, merged_by_using
from dbops.lint.queries.from_items import pairings
from dbops.lint.queries.query import Query, Source, folded
from dbops.sql.query import exp


def unwrapped(node: exp.Expr) -> exp.Expr:
    """Return what stands in the parentheses around an expression."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def operands(condition: exp.Expr, connector: type[exp.Expr]) -> Iterator[exp.Expr]:
    """Yield what a chain of ANDs, or of ORs, connects, in the order of the text and without parentheses.

    The chain may be of any length: programs make some of thousands.
    """
    waiting = [condition]
    while waiting:
        node = unwrapped(waiting.pop())
        if isinstance(node, connector):
            waiting += [node.expression, node.this]
        else:
            yield node


def clauses(reader: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the conditions of a SELECT, UPDATE, DELETE or MERGE: those of WHERE, of its joins' ON, of HAVING."""
    for name in ("where", "having"):
        clause = reader.args.get(name)
        if clause is not None:
            yield clause.this
    for join in reader.args.get("joins") or ():
        if join.args.get("on") is not None:
            yield join.args["on"]
    if isinstance(reader, exp.Merge):
        yield reader.args["on"]


def own(node: exp.Expr, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
    """Yield the nodes of these kinds in an expression, the queries within it left out."""
    for each in node.walk(prune=lambda inner: isinstance(inner, exp.Query)):
        if isinstance(each, kinds):
            yield each


def is_fixed(node: exp.Expr) -> bool:
    """Whether an expression is the same for all rows: it names no column and asks no query."""
    return node.find(exp.Column, exp.Query) is None


def elements(node: exp.Expr | None) -> list[exp.Expr]:
    """Return the values that an IN's VALUES, or the array of ANY or ALL, writes out; rows as they are."""
    while isinstance(node, exp.Any | exp.All | exp.Subquery | exp.Paren):
        node = node.this
    if isinstance(node, exp.Anonymous) and node.name.lower() == "all" and len(node.expressions) == 1:
        node = unwrapped(node.expressions[0])  # so sqlglot reads ALL (ARRAY […])
    if isinstance(node, exp.Values):
        return [row.expressions[0] if len(row.expressions) == 1 else row for row in node.expressions]
    return list(node.expressions) if isinstance(node, exp.Array) else []


def is_null(node: exp.Expr) -> bool:
    """Whether an expression is the word NULL, perhaps cast."""
    node = unwrapped(node)
    while isinstance(node, exp.Cast):
        node = unwrapped(node.this)
    return isinstance(node, exp.Null)


def integer(node: object) -> int | None:
    """Return the value of a literal that is a whole number."""
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdecimal():
        return int(str(node.this))
    return None


def limit(query: exp.Expr) -> int | None:
    """Return how many rows LIMIT or FETCH FIRST leave, where that is a literal."""
    clause = query.args.get("limit")
    if isinstance(clause, exp.Fetch):
        options = clause.args.get("limit_options")
        exact = options is None or not (options.args.get("with_ties") or options.args.get("percent"))
        return integer(clause.args.get("count")) if exact else None
    return integer(clause.expression) if isinstance(clause, exp.Limit) else None


def at_most_one_row(query: Query, select: exp.Select) -> bool:
    """Whether a SELECT can't return two rows."""
    return _has_one_row(select) or reads_single_rows(query, select)


def reads_single_rows(query: Query, reader: exp.Expr) -> bool:
    """Whether FROM and WHERE leave one row at most, before any LIMIT or aggregate."""
    held = single_rows(query, reader)
    return all(id(source.node) in held for source in query.sources(reader))


def single_rows(query: Query, reader: exp.Expr) -> Items:
    """Return those items of a FROM that have one row at most, each perhaps by way of another.

    A unique key decides, or a guess at one where nothing is known of a table; a condition that a program puts in may
    be the key's.
    """
    sources = {id(source.node): source for source in query.sources(reader)}
    if is_open(reader):
        return frozenset(sources)
    held = {item for item, source in sources.items() if _is_one_row(query, source)}
    tied = (*_equations(query, reader), *_using(reader))
    while more := {item for item in sources.keys() - held if _is_keyed(sources[item], item, tied, held)}:
        held |= more
    return frozenset(held)


def _equations(query: Query, reader: exp.Expr) -> Iterator[Pin]:
    """Yield which columns have one value each; unlike a list's or an array's several."""
    for condition in conditions(reader):
        for column, value in _equated(condition.node):
            needs = mentioned(query, reader, value)
            if needs is None or isinstance(value, exp.Any | exp.All | exp.Anonymous):
                continue
            for item in _named(query, reader, column):
                if condition.narrows is None or item in condition.narrows:
                    yield Pin(item, folded(column.this), needs)


def _named(query: Query, reader: exp.Expr, column: exp.Expr) -> Items:
    """Return the item that a column is of: several for one that USING makes of theirs."""
    if not isinstance(column, exp.Column):
        return frozenset()
    origin = query.origin(column)
    return merged_by_using(query, reader, column) if origin is None else frozenset({id(origin[0].node)})


def _using(reader: exp.Expr) -> Iterator[Pin]:
    """Yield what the joins with USING equate."""
    for pairing in pairings(reader):
        left, right = frozenset(map(id, pairing.left)), frozenset(map(id, pairing.right))
        for name in () if pairing.join is None else pairing.join.args.get("using") or ():
            if pairing.side in {"", "LEFT"}:
                yield from (Pin(item, folded(name), left) for item in right)
            if pairing.side in {"", "RIGHT"}:
                yield from (Pin(item, folded(name), right) for item in left)


def _equated(condition: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Yield what an equation equates, in both directions."""
    if isinstance(condition, exp.In) and len(condition.expressions) == 1:
        yield unwrapped(condition.this), condition.expressions[0]
    if not isinstance(condition, exp.EQ):
        return
    one, other = unwrapped(condition.this), unwrapped(condition.expression)
    pairs = [(one, other)]
    if isinstance(one, exp.Tuple) and isinstance(other, exp.Tuple):
        pairs = list(zip(one.expressions, other.expressions, strict=False))
    for left, right in pairs:
        yield left, right
        yield right, left


def _is_keyed(source: Source, item: int, tied: tuple[Pin, ...], held: set[int]) -> bool:
    columns = {pin.column for pin in tied if pin.item == item and pin.needs <= held}
    return source.relation is not None and any(key <= columns for key in keys(source))


def _is_one_row(query: Query, source: Source) -> bool:
    inner = query.inner(source)
    return inner is not None and _has_one_row(inner)


def _has_one_row(query: exp.Expr) -> bool:
    """Whether a query's own shape leaves one row at most."""
    while isinstance(query, exp.Subquery) and query.args.get("limit") is None:
        query = query.this
    return limit(query) in {0, 1} or (isinstance(query, exp.Select) and single(query))
