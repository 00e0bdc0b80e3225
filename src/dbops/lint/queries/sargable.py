"""The rewrite of a comparison that lets an index on the bare column be used, as SQL for hints. Pure."""

from __future__ import annotations

from dbops.lint.queries.comparisons import Comparison
from dbops.lint.queries.expressions import Shape
from dbops.lint.queries.query import Query, Source, folded
from dbops.lint.queries.written import UNKNOWN, name, value
from dbops.sql.query import exp

_DATES = (exp.Date, exp.TsOrDsToDate)
_TRUNCATED = (exp.TimestampTrunc, exp.DateTrunc)


def bare(query: Query, source: Source, comparison: Comparison, found: Shape) -> str:
    """Return the comparison with the bare column, or an index on the expression."""
    column, node = query.text(found.column), found.node
    values = [value(query, other) for other in comparison.others]
    if isinstance(node, _DATES) or (isinstance(node, exp.Cast) and found.notorious):
        return _within(column, comparison.sign, [_as_date(text) for text in values], "1")
    if isinstance(node, _TRUNCATED) and node.args.get("unit") is not None:
        return _within(column, comparison.sign, values, f"interval '1 {node.args['unit'].name.lower()}'")
    if isinstance(node, exp.Extract) and node.this.name.upper() == "YEAR" and values[0].isdecimal():
        first, last = values[0], values[-1]
        return _within(column, comparison.sign, [f"date '{first}-01-01'", f"date '{last}-01-01'"], "interval '1 year'")
    if isinstance(node, exp.Coalesce) and comparison.sign == "=" and UNKNOWN not in values:
        return f"{column} = {values[0]}, with OR {column} IS NULL where NULL is to be found too"
    return _advice(source, found, column)


def _advice(source: Source, found: Shape, column: str) -> str:
    if isinstance(found.node, exp.Extract | exp.TimeToStr | exp.ToChar):
        return f"compare {column} itself with the range of times that is meant: {column} >= $1 AND {column} < $2"
    if isinstance(found.node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        return f"do the arithmetic on the other side, so that {column} stands alone"
    if isinstance(found.node, exp.Lower | exp.Upper):
        expression = found.name.format(name(folded(found.column.this)))
        return f"CREATE INDEX CONCURRENTLY ON {source.relation} ({expression})"
    return f"compare {column} itself, or make an index on the expression"


def _as_date(text: str) -> str:
    """Return a value as a date, so that a day can be added to it."""
    return text if text == "current_date" or text.endswith("::date") else f"{text}::date"


def _within(column: str, sign: str, values: list[str], step: str) -> str:
    """Return the condition on a time whose beginning of a step long is compared with the values."""
    first, last = values[0], values[-1]
    match sign:
        case "=" | "BETWEEN":
            return f"{column} >= {first} AND {column} < {last} + {step}"
        case ">":
            return f"{column} >= {first} + {step}"
        case "<=":
            return f"{column} < {first} + {step}"
        case "<" | ">=":
            return f"{column} {sign} {first}"
    return f"{column} >= $1 AND {column} < $1 + {step}, for each value"
