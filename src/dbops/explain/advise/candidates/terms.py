"""What a key of an index can be on: a column, or an immutable expression of one table's columns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dbops.explain.advise.candidates.immutable import is_immutable
from dbops.explain.advise.facts import Facts
from dbops.lint.queries.passages import condition, in_one_line
from dbops.lint.queries.predicates import unwrapped
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.queries.types import typename, typeof
from dbops.lint.queries.written import name as quoted
from dbops.schema.model import Column
from dbops.sql.query import QueryUnreadable, exp, parse
from dbops.sql.quote import literal

TEXTS = frozenset({"text", "character varying"})
_JSON = (exp.JSONExtract, exp.JSONExtractScalar)
_ARROWS: dict[type[exp.Expr], str] = {exp.JSONExtract: "->", exp.JSONExtractScalar: "->>"}
_ASIDE = frozenset({"_type", "only_json_types", "safe"})
_DEEPEST = 60
"""Levels of an expression that is looked at: programs make some of thousands."""
_NO_KEY = (
    exp.Query,
    exp.Window,
    exp.AggFunc,
    exp.Parameter,
    exp.Placeholder,
    exp.Collate,
    exp.Star,
    exp.Interval,
)


@dataclass(frozen=True, slots=True)
class Term:
    """A column, or an expression as CREATE INDEX spells it: without its table's name.

    ``type`` is as ``format_type`` spells it, without length, None when unknown. ``canonical`` is the same for all
    spellings of the same thing; terms are equal when it is.
    """

    sql: str = field(compare=False)
    column: str | None = field(compare=False)
    type: str | None = field(compare=False)
    canonical: str


def is_deep(node: exp.Expr) -> bool:
    """Whether an expression is nested too deeply to be worth the look."""
    waiting = [(node, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > _DEEPEST:
            return True
        waiting += [(child, depth + 1) for child in each.iter_expressions()]
    return False


def of_column(column: Column, type_name: str | None) -> Term:
    """Return the term of a table's column."""
    return Term(quoted(column.name), column.name, type_name, _column_key(column.name))


Found = tuple[Source, Term]
"""A term, and the item of a FROM that it is of."""


def term(query: Query, node: exp.Expr, facts: Facts) -> Found | None:
    """Return what an expression is to an index and whose, or None where an index can't be on it."""
    if is_deep(node):
        return None
    node = plain(query, node)
    if isinstance(node, exp.Column):
        origin = query.origin(node)
        if origin is None or origin[1] is None:
            return None
        return origin[0], of_column(origin[1], typeof(query, node))
    return _expression(query, node, facts)


def _expression(query: Query, node: exp.Expr, facts: Facts) -> Found | None:
    """Return an immutable expression of one item's columns, all of which are known."""
    origins = [query.origin(column) for column in node.find_all(exp.Column)]
    sources = {id(origin[0].node): origin[0] for origin in origins if origin is not None}
    known = all(origin is not None and origin[1] is not None for origin in origins)
    if len(sources) != 1 or not known or node.find(*_NO_KEY) is not None:
        return None
    sql = spelled(query, node)
    if sql is None or not is_immutable(query, node, facts):
        return None
    return next(iter(sources.values())), Term(sql, None, typeof(query, node), canonical(query, node))


def plain(query: Query, node: exp.Expr) -> exp.Expr:
    """Return an expression without parentheses, and without casts that an index sees through: varchar to text."""
    node = unwrapped(node)
    while isinstance(node, exp.Cast) and typename(node.args.get("to")) in TEXTS and _is_text(query, node.this):
        node = unwrapped(node.this)
    return node


def _is_text(query: Query, node: exp.Expr) -> bool:
    """Whether it is text already, or a literal."""
    return typeof(query, unwrapped(node)) in {*TEXTS, "unknown"}


def canonical(query: Query, node: exp.Expr) -> str:
    """Return what is the same for all spellings of an expression: parentheses, idle casts and tables' names aside."""
    return ";".join(_words(node, lambda each: _without_type(plain(query, each))))


def _without_type(node: exp.Expr) -> exp.Expr:
    """Return a literal without the type that PostgreSQL says it has: ``'new'`` of ``'new'::status``."""
    while isinstance(node, exp.Cast) and isinstance(unwrapped(node.this), exp.Literal):
        node = unwrapped(node.this)
    return node


def _column_key(name: str) -> str:
    return f"column {name}"


def spelled(query: Query, node: exp.Expr) -> str | None:
    """Return an expression's SQL without the names of tables, None where it can't be spelled with certainty."""
    text = _spelled(query, node)
    return text if text is not None and _means(text, node) else None


def _spelled(query: Query, node: exp.Expr) -> str | None:
    """Return the source's own text, or for JSON's arrows, whose paths have no place in the tree, a text like it."""
    if isinstance(node, exp.Paren):
        inside = _spelled(query, node.this)
        return None if inside is None else f"({inside})"
    if isinstance(node, _JSON):
        base, path = _spelled(query, node.this), _path(node.expression)
        return None if base is None or path is None else f"{base} {_ARROWS[type(node)]} {path}"
    if isinstance(node, exp.Cast) and node.this.find(*_JSON) is not None:
        base, to = _spelled(query, node.this), typename(node.args.get("to"))
        return None if base is None or to is None else f"{base}::{to}"
    return without_tables(query, node, *query.span(node))


def _path(node: exp.Expr) -> str | None:
    """Return the name or place that an arrow leads to."""
    if isinstance(node, exp.JSONPath) and len(node.expressions) == 2:
        step = node.expressions[1]
        if isinstance(step, exp.JSONPathKey) and isinstance(step.this, str):
            return literal(step.this)
        if isinstance(step, exp.JSONPathSubscript) and isinstance(step.this, int):
            return str(step.this)
    node = unwrapped(node)
    if isinstance(node, exp.Cast) and typename(node.args.get("to")) in TEXTS:
        node = unwrapped(node.this)
    if isinstance(node, exp.Literal):
        return literal(node.name) if node.is_string else node.name
    return None


def without_tables(query: Query, node: exp.Expr, start: int, end: int) -> str:
    """Return the script's text from ``start`` to ``end``, in which ``node`` stands, with bare names of columns."""
    places = sorted((query.span(column), column) for column in node.find_all(exp.Column))
    pieces: list[str] = []
    for (first, last), column in places:
        if start <= first and last <= end:
            pieces += (query.sql[start:first], quoted(folded(column.this)))
            start = last
    return in_one_line("".join([*pieces, query.sql[start:end]]))


def whole(query: Query, node: exp.Expr) -> str | None:
    """Return a condition's SQL without the names of tables, None where it can't be spelled with certainty."""
    text = without_tables(query, node, *condition(query, node))
    if _means(text, node):
        return text
    inside = whole(query, node.this) if isinstance(node, exp.Not) else None  # a NOT before it is another condition's
    if inside is None:
        return None
    return f"NOT {inside}" if isinstance(unwrapped(node.this), exp.Column) else f"NOT ({inside})"


def written(query: Query, node: exp.Expr) -> str | None:
    """Return a condition's SQL as the query has it, None where that can't be told with certainty."""
    start, end = condition(query, node)
    text = query.sql[start:end]
    if isinstance(node, exp.Not) and not _means(text, node):
        inside = written(query, node.this)
        return None if inside is None else f"NOT ({inside})"
    return text if isinstance(node, exp.In) or _means(text, node) else None  # a list may be of any length


def _means(text: str, node: exp.Expr) -> bool:
    """Whether a text is read as the same tree, names of tables aside: then it says what the query says."""
    try:
        read = parse(f"SELECT {text}")
    except QueryUnreadable:
        return False
    found = read.expressions
    return len(found) == 1 and list(_words(found[0], unwrapped)) == list(_words(node, unwrapped))


def _words(node: exp.Expr, stripped: Callable[[exp.Expr], exp.Expr]) -> Iterator[str]:
    """Yield what a tree is made of, in order."""
    node = stripped(node)
    if isinstance(node, exp.Column):
        yield _column_key(folded(node.this))
        return
    yield type(node).__name__
    path = _path(node.expression) if isinstance(node, _JSON) else None
    if path is not None:
        yield from (path, *_words(node.this, stripped))
        return
    for name, value in sorted(node.args.items()):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, exp.Expr):
                yield from _words(each, stripped)
            elif each not in (None, False) and name not in _ASIDE:
                yield f"{name}={each}"
    yield "."
