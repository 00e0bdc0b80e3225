"""Names and values of a query as SQL for hints and edits. Pure."""

from __future__ import annotations

from dbops.lint.queries.query import Query
from dbops.lint.queries.types import typename
from dbops.sql.nodes import Relation
from dbops.sql.query import exp
from dbops.sql.quote import identifier

UNKNOWN = "…"
_FIXED: dict[type[exp.Expr], str] = {exp.CurrentDate: "current_date", exp.CurrentTimestamp: "now()"}
_SIGNS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
# PostgreSQL 18's words that a column can't be named by without quotes.
_RESERVED = frozenset(
    {
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary",
        "both", "case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint", "create",
        "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
        "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end",
        "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike",
        "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left",
        "like", "limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only",
        "or", "order", "outer", "overlaps", "placing", "primary", "references", "returning", "right", "select",
        "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "then", "to",
        "trailing", "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where", "window",
        "with",
    }
)  # fmt: skip


def name(*parts: str) -> str:
    """Return a name of one part or two, such as alias and column, quoted where it must be."""
    return ".".join(identifier(part) if part in _RESERVED else str(Relation(None, part)) for part in parts if part)


def value(query: Query, node: exp.Expr) -> str:
    """Return a value as the query writes it, or ``…`` where that can't be told from its tree."""
    if isinstance(node, exp.Literal | exp.Column):
        return query.text(node)
    if isinstance(node, exp.Parameter):
        return f"${node.name}"
    if isinstance(node, exp.Paren):
        return f"({value(query, node.this)})"
    return _computed(query, node) if type(node) in _SIGNS else _FIXED.get(type(node)) or _typed(query, node)


def _computed(query: Query, node: exp.Expr) -> str:
    parts = value(query, node.this), value(query, node.expression)
    return UNKNOWN if UNKNOWN in parts else f" {_SIGNS[type(node)]} ".join(parts)


def _typed(query: Query, node: exp.Expr) -> str:
    """Return a cast or an interval as SQL."""
    if isinstance(node, exp.Interval) and isinstance(node.this, exp.Literal):
        unit = node.args.get("unit")
        return f"interval '{node.this.name}{'' if unit is None else ' ' + unit.name.lower()}'"
    of, to = (value(query, node.this), typename(node.args.get("to"))) if isinstance(node, exp.Cast) else (UNKNOWN, None)
    return UNKNOWN if to is None or of == UNKNOWN else f"{of}::{to}"
