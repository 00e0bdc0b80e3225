"""SQLAlchemy: names without quotes, each column with its table, blanks before line breaks, casts in capitals."""

from __future__ import annotations

import re

from dbops.workload.nplusone.shape import Shape

NAME = "SQLAlchemy"

_LABEL = re.compile(r"\b(\w+)\.(\w+) AS \1_\2\b")
_MARK = re.compile(
    r" \n+(?:FROM|WHERE) |(?:\$\d+|\))::(?:INTEGER|BIGINT|VARCHAR|UUID)\b|%\(\w+_1\)s| AS (?:anon|count)_1\b"
)
_COLUMN = re.compile(r"SELECT (?:DISTINCT )?(?:\w+\.\w+|count\(\*\))")


def wrote(shape: Shape) -> bool:
    """Say yes to its labels, and to plain columns of plain tables with one of its marks."""
    if '"' in shape.sql.split("WHERE")[0]:
        return False
    marked = _COLUMN.match(shape.sql) is not None and _MARK.search(shape.sql) is not None
    return marked or _LABEL.search(shape.sql) is not None


def hint(shape: Shape) -> str:
    """Name the relationship where a column's name tells it."""
    if shape.same_table:
        return f"in SQLAlchemy one select() with {shape.table}.{shape.key.name}.in_(…)"
    if shape.counts:
        return f"in SQLAlchemy a column_property with the count, or a join with GROUP BY {shape.on}"
    if shape.children:
        return f"in SQLAlchemy .options(selectinload(…)) of the relationship to {shape.table or '…'} {shape.on}"
    if shape.reference is None:
        return f"in SQLAlchemy .options(joinedload(…)) of the relationship to {shape.table or '…'} {shape.on}"
    return f"in SQLAlchemy .options(joinedload(….{shape.reference})) {shape.on}"
