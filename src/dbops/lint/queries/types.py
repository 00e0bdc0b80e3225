"""The types of a query's expressions, as far as the schema and the expressions themselves say them. Pure."""

from __future__ import annotations

from dbops.lint.queries.query import Query
from dbops.sql.query import exp

UNKNOWN = "unknown"
"""The type of a string literal, which takes that of what it is compared with."""
TIMESTAMP, TIMESTAMPTZ = "timestamp without time zone", "timestamp with time zone"
_INTEGERS = ("smallint", "integer", "bigint")
_NUMBERS = (*_INTEGERS, "numeric", "real", "double precision")
_NAMES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "BPCHAR": "character",
    "CHAR": "character",
    "DATE": "date",
    "DECIMAL": "numeric",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "INET": "inet",
    "INT": "integer",
    "INTERVAL": "interval",
    "JSON": "json",
    "JSONB": "jsonb",
    "SMALLINT": "smallint",
    "TEXT": "text",
    "TIME": "time without time zone",
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMPTZ": TIMESTAMPTZ,
    "UUID": "uuid",
    "VARBINARY": "bytea",
    "VARCHAR": "character varying",
}
_INT_MAX, _BIGINT_MAX = 2**31 - 1, 2**63 - 1


def plain(type_name: str) -> str:
    """Return a type without its length or precision: ``character varying`` of ``character varying(20)``."""
    before, opened, after = type_name.partition("(")
    return (before + after.partition(")")[2]).strip() if opened else type_name


def typename(data_type: object) -> str | None:
    """Return the name of a type that a cast names, without length or precision; None for one not known here."""
    if not isinstance(data_type, exp.DataType) or not isinstance(data_type.this, exp.DType):
        return None
    if data_type.this is exp.DType.ARRAY:
        of = typename(data_type.expressions[0]) if data_type.expressions else None
        return None if of is None else f"{of}[]"
    return _NAMES.get(data_type.this.name)


def typeof(query: Query, node: exp.Expr) -> str | None:
    """Return an expression's type as ``format_type`` spells it, without length or precision; None if not known."""
    if isinstance(node, exp.Column):
        origin = query.origin(node)
        return None if origin is None or origin[1] is None else plain(origin[1].type)
    if isinstance(node, exp.Literal):
        return UNKNOWN if node.is_string else _number(node.name)
    if isinstance(node, _SAME):
        return typeof(query, node.this)
    return _of_expression(query, node) or _CONSTANT.get(type(node))


def _of_expression(query: Query, node: exp.Expr) -> str | None:
    match node:
        case exp.Cast():
            return typename(node.args.get("to"))
        case exp.Subquery() | exp.Select():
            return _projected(query, node)
        case exp.Sum():
            return _SUMS.get(typeof(query, node.this) or "")
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            return _computed(typeof(query, node.this), node, query)
    return None


_SUMS = {"smallint": "bigint", "integer": "bigint", "bigint": "numeric", "numeric": "numeric"}
_SAME = (exp.Paren, exp.Neg, exp.Max, exp.Min, exp.Collate)
_CONSTANT: dict[type[exp.Expr], str] = {
    exp.Avg: "numeric",
    exp.Boolean: "boolean",
    exp.Concat: "text",
    exp.Count: "bigint",
    exp.CurrentDate: "date",
    exp.CurrentTimestamp: TIMESTAMPTZ,
    exp.JSONExtractScalar: "text",
    exp.Length: "integer",
    exp.Localtimestamp: TIMESTAMP,
}


def _number(digits: str) -> str:
    if not digits.isdecimal():
        return "numeric" if "x" not in digits.lower() else "integer"
    size = int(digits)
    return "integer" if size <= _INT_MAX else "bigint" if size <= _BIGINT_MAX else "numeric"


def _projected(query: Query, node: exp.Expr) -> str | None:
    select = node.unnest() if isinstance(node, exp.Subquery) else node
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return None
    found = typeof(query, select.expressions[0].unalias())
    return None if found == UNKNOWN else found


def _computed(left: str | None, node: exp.Expr, query: Query) -> str | None:
    """Return the type of a sum or product: numbers take the wider type, a time plus an interval stays a time."""
    if isinstance(node.expression, exp.Interval):
        return TIMESTAMP if left == "date" else left if left in (TIMESTAMP, TIMESTAMPTZ) else None
    right = typeof(query, node.expression)
    if left in _NUMBERS and right in _NUMBERS and "real" not in (left, right):
        return max(left, right, key=_NUMBERS.index)
    return "date" if left == "date" and right in _INTEGERS else None
