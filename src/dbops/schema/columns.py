"""Columns of a table under change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dbops.schema import expression
from dbops.schema.model import Check, Column, Index, Schema, Table
from dbops.schema.typename import serial, spelled
from dbops.schema.written import Written
from dbops.sql.nodes import Node, Relation
from dbops.sql.quote import literal


def defined(schema: Schema, table: Relation, definition: Node, written: Iterable[Written]) -> Column:
    """Return the column of a ``ColumnDef``, as the constraints written beside it have it."""
    name, integer = definition.colname, serial(definition.type_name)
    if integer is None:
        return Column(name, spelled(definition.type_name, schema), **_said(written))
    sequence = literal(str(Relation(None, f"{table.name}_{name}_seq")))
    return Column(name, integer, **{"nullable": False, "default": f"nextval({sequence}::regclass)", **_said(written)})


def constrained(column: Column, written: Iterable[Written]) -> Column:
    """Return a parent's column with what a child says of it."""
    return replace(column, **_said(written))


def _said(written: Iterable[Written]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for constraint in written:
        match constraint.type:
            case "CONSTR_NOTNULL" | "CONSTR_PRIMARY":
                said["nullable"] = False
            case "CONSTR_DEFAULT":
                said["default"] = expression.sql(constraint.node.raw_expr)
            case "CONSTR_IDENTITY":
                said.update(nullable=False, identity=True)
            case "CONSTR_GENERATED":
                said["generated"] = True
    return said


def with_column(table: Table, column: Column) -> Table:
    """Return the table with the column in place of one of its name, or as its last one."""
    if table.column(column.name) is None:
        return replace(table, columns=(*table.columns, column))
    return replace(table, columns=tuple(column if each.name == column.name else each for each in table.columns))


def not_null(table: Table, names: tuple[str, ...]) -> Table:
    """Return the table with these columns as NOT NULL."""
    wanted = set(names)
    changed = tuple(
        replace(each, nullable=False) if each.name in wanted and each.nullable is not False else each
        for each in table.columns
    )
    return table if changed == table.columns else replace(table, columns=changed)


def without_column(table: Table, name: str) -> Table:
    """Return the table without a column, and without the indexes and constraints that name it."""
    return replace(
        table,
        columns=tuple(each for each in table.columns if each.name != name),
        indexes=tuple(each for each in table.indexes if not _index_reads(each, name)),
        foreign_keys=tuple(each for each in table.foreign_keys if name not in each.columns),
        checks=tuple(each for each in table.checks if not _check_reads(each, name)),
    )


def _index_reads(index: Index, column: str) -> bool:
    if column in index.columns or column in index.included:
        return True
    texts = (*index.expressions, index.predicate or "")
    return any(expression.mentions(text, column) for text in texts)


def _check_reads(check: Check, column: str) -> bool:
    return check.not_null == column or expression.mentions(check.expression, column)


def renamed(table: Table, old: str, new: str) -> Table:
    """Return the table with a column under another name, also in its indexes and constraints."""

    def name(column: str) -> str:
        return new if column == old else column

    def text(sql: str) -> str:
        return expression.renamed(sql, old, new)

    return replace(
        table,
        columns=tuple(replace(each, name=name(each.name)) for each in table.columns),
        indexes=tuple(
            replace(
                each,
                columns=tuple(None if column is None else name(column) for column in each.columns),
                included=tuple(map(name, each.included)),
                expressions=tuple(map(text, each.expressions)),
                predicate=None if each.predicate is None else text(each.predicate),
            )
            for each in table.indexes
        ),
        foreign_keys=tuple(replace(each, columns=tuple(map(name, each.columns))) for each in table.foreign_keys),
        checks=tuple(
            replace(
                each,
                expression=text(each.expression),
                not_null=None if each.not_null is None else name(each.not_null),
            )
            for each in table.checks
        ),
    )
