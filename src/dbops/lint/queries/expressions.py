"""Expressions around a column, and the indexes on them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.lint.queries.query import folded
from dbops.schema.model import Table
from dbops.sql.query import QueryUnreadable, exp, parse

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)
_NOTORIOUS: dict[type[exp.Expr], str] = {
    exp.Date: "date({})",
    exp.TsOrDsToDate: "date({})",
    exp.TimestampTrunc: "date_trunc(…, {})",
    exp.DateTrunc: "date_trunc(…, {})",
    exp.Extract: "extract(… FROM {})",
    exp.TimeToStr: "to_char({}, …)",
    exp.ToChar: "to_char({}, …)",
    exp.Lower: "lower({})",
    exp.Upper: "upper({})",
    exp.Add: "adding to {}",
    exp.Sub: "subtracting from {}",
    exp.Mul: "multiplying {}",
    exp.Div: "dividing {}",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """An expression ``node`` of one ``column``; ``name`` is what to call it, with ``{}`` for the column.

    ``notorious`` says that it is one that people write without thinking of the index.
    """

    node: exp.Expr
    column: exp.Column
    name: str
    notorious: bool


def shape(node: exp.Expr) -> Shape | None:
    """Return the function, cast or arithmetic around a single column; None for what is none."""
    columns = list(node.find_all(exp.Column))
    if len(columns) != 1 or node.find(exp.Query, exp.Window) is not None or isinstance(columns[0].this, exp.Star):
        return None
    column = columns[0]
    if isinstance(node, exp.Cast):
        is_date = isinstance(node.args.get("to"), exp.DataType) and node.args["to"].this is exp.DType.DATE
        return Shape(node, column, "casting {}", is_date and node.this is column)
    if isinstance(node, exp.AggFunc) or not isinstance(node, exp.Func | exp.Binary):
        return None
    if isinstance(node, exp.Binary) and not isinstance(node, _ARITHMETIC):
        return None
    name = _NOTORIOUS.get(type(node))
    return Shape(node, column, name or _called(node), name is not None and column.parent is node)


def _called(node: exp.Expr) -> str:
    name = node.name if isinstance(node, exp.Anonymous) else node.sql_name() if isinstance(node, exp.Func) else ""
    return name.lower() + "({})" if name else "an expression of {}"


def is_indexed(table: Table, found: Shape) -> bool:
    """Whether an index of the table is on such an expression of the column."""
    wanted = folded(found.column.this)
    for index in table.indexes:
        for text in index.expressions:
            node = _parsed(text)
            if node is None:
                return True  # it may be just this
            if type(node) is type(found.node) and wanted in {folded(each.this) for each in node.find_all(exp.Column)}:
                return True
    return False


def _parsed(text: str) -> exp.Expr | None:
    try:
        row = parse(f"VALUES (({text}))").find(exp.Tuple)
    except QueryUnreadable:
        return None
    return row.expressions[0].unnest() if row is not None and row.expressions else None
