"""Whether an expression always gives the same for the same row, without which no index can be on it. Pure.

PostgreSQL decides by ``pg_proc.provolatile`` of the very function and cast it resolves to. The server is asked for the
functions by name; where a name has functions of several kinds, and for casts and operators, what follows is PostgreSQL
18's catalog for the types people mostly mean. What is not known to be immutable is taken not to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.advise.facts import Facts
from dbops.lint.queries.predicates import unwrapped
from dbops.lint.queries.query import Query
from dbops.lint.queries.types import TIMESTAMP, TIMESTAMPTZ, typename, typeof
from dbops.sql.query import exp

_TEXTS = frozenset({"text", "character varying", "character", "unknown"})
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
# Casts to a type, by what they are from. Those between text and times depend on DateStyle, those with time zone on
# TimeZone.
_CASTS: dict[str, frozenset[str]] = {
    "date": frozenset({TIMESTAMP, "date"}),
    TIMESTAMP: frozenset({TIMESTAMP, "date"}),
    "text": _TEXTS | _NUMBERS | {"uuid", "boolean"},
    "character varying": _TEXTS | _NUMBERS | {"uuid", "boolean"},
    "boolean": _TEXTS | {"boolean", "integer"},
    "uuid": _TEXTS | {"uuid"},
    **dict.fromkeys(_NUMBERS, _TEXTS | _NUMBERS),
}
# Names of which some functions are immutable and others aren't; those on text are.
_ON_TEXT = frozenset(
    {"length", "lower", "upper", "char_length", "md5", "reverse", "left", "right", "substr", "replace"}
)
_STRUCTURE = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.Var,
    exp.DataType,
    exp.DataTypeParam,
    exp.JSONPath,
    exp.JSONPathPart,
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.JSONBExtract,
    exp.JSONBExtractScalar,
    exp.Coalesce,
    exp.Case,
    exp.If,
    exp.Substring,
    exp.Trim,
    exp.EQ,
    exp.NEQ,
    exp.Is,
    exp.And,
    exp.Or,
    exp.Not,
)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg)
_OF_TIMES = (exp.Extract, exp.Date, exp.TsOrDsToDate, exp.TimestampTrunc, exp.DateTrunc)


def is_immutable(query: Query, node: exp.Expr, facts: Facts) -> bool:
    """Whether an index can be on the expression, as far as that is known."""
    return all(_part(query, each, facts) for each in node.walk())


def _part(query: Query, node: exp.Expr, facts: Facts) -> bool:
    """Whether a node keeps that promise, those below it aside."""
    if isinstance(node, exp.Cast):
        if isinstance(unwrapped(node.this), exp.Literal):  # which is read as that type once and for all
            return True
        return typeof(query, unwrapped(node.this)) in _CASTS.get(typename(node.args.get("to")) or "", frozenset())
    if isinstance(node, _OF_TIMES):
        return _is_local(query, node)
    if isinstance(node, _ARITHMETIC):
        return all(of in _NUMBERS for of in _types(query, node))
    return _is_structure(query, node) or (isinstance(node, exp.Func) and _function(query, node, facts))


def _is_structure(query: Query, node: exp.Expr) -> bool:
    if isinstance(node, exp.DPipe):  # of anything but text it depends on how that is spelled
        return all(typeof(query, unwrapped(side)) in _TEXTS for side in (node.this, node.expression))
    if isinstance(node, exp.AtTimeZone):
        return isinstance(node.args.get("zone"), exp.Literal) and _type(query, node.this) in {TIMESTAMP, TIMESTAMPTZ}
    return isinstance(node, _STRUCTURE)


def _is_local(query: Query, node: exp.Expr) -> bool:
    """Whether it takes a time without zone, perhaps one that AT TIME ZONE has made so, or (extract only) a date."""
    if node.args.get("zone") is not None:  # date_trunc with a zone of its own
        return False
    zoned = list(node.find_all(exp.AtTimeZone))
    if zoned:
        return all(_type(query, each.this) == TIMESTAMPTZ for each in zoned)
    return set(_types(query, node)) <= ({TIMESTAMP, "date"} if isinstance(node, exp.Extract) else {TIMESTAMP})


def _type(query: Query, node: exp.Expr) -> str | None:
    return typeof(query, unwrapped(node))


def _types(query: Query, node: exp.Expr) -> list[str | None]:
    return [typeof(query, column) for column in node.find_all(exp.Column)]


def _function(query: Query, node: exp.Func, facts: Facts) -> bool:
    name = written_name(query, node)
    if name == "to_tsvector":
        return len(node.expressions) == 2 and node.expressions[0].find(exp.Column) is None
    if name in _ON_TEXT and set(_types(query, node)) <= _TEXTS:
        return True
    return facts.functions.get(name) == "immutable"


def written_name(query: Query, node: exp.Func) -> str:
    """Return the name of a function as the query calls it, "" where it isn't known."""
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    text = query.text(node)
    return text.partition("(")[0].strip().lower() if "(" in text else ""


def is_volatile(query: Query, node: exp.Expr, facts: Facts) -> bool:
    """Whether an expression may give something else for each row, such as random(): then no index finds it."""
    return any(facts.functions.get(name, "") == "volatile" for name in _names(query, node))


def _names(query: Query, node: exp.Expr) -> Iterator[str]:
    for each in node.find_all(exp.Func):
        yield written_name(query, each)
