"""Rows to fill tables with. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier, literal

ROWS = 3
"""How many rows each table gets: more than one, so that what keeps only the first is seen."""
# PostgreSQL's categories of types (pg_type.typcategory) with a value for row i, as text that is cast to the type.
_BY_CATEGORY: Mapping[str, str] = {
    "N": "{i}",
    "S": "row {i}",
    "B": "true",
    "D": "2026-01-0{i}",
    "T": "{i} hours",
    "I": "192.0.2.{i}",
    "A": "{{}}",
    "R": "empty",
    "V": "101",
}
_BY_TYPE: Mapping[str, str] = {
    # With a length there may be room for one character only.
    "character varying()": "{i}",
    "character()": "{i}",
    "uuid": "00000000-0000-4000-8000-00000000000{i}",
    "json": '{{"row": {i}}}',
    "jsonb": '{{"row": {i}}}',
    "bytea": "\\x0{i}",
    "xml": "<row>{i}</row>",
    "macaddr": "08:00:2b:01:02:0{i}",
    "macaddr8": "08:00:2b:01:02:03:04:0{i}",
    "pg_lsn": "0/{i}",
    "point": "({i},{i})",
    "line": "{{{i},1,0}}",
    "lseg": "[(0,0),({i},{i})]",
    "box": "(({i},{i}),(0,0))",
    "path": "[(0,0),({i},{i})]",
    "polygon": "((0,0),({i},0),({i},{i}))",
    "circle": "<(0,0),{i}>",
    "tsvector": "row{i}",
    "tsquery": "row{i}",
    "time without time zone": "0{i}:00",
    "time with time zone": "0{i}:00+00",
}
# What one of a few values is spelt as by pg_get_constraintdef: ``status = ANY (ARRAY['new'::text, 'paid'::text])``.
_ONE_OF = re.compile(r"= ANY \(+ARRAY\[(?P<values>.+?)\]")
# How pg_get_expr spells the first value that belongs in a partition: ``FOR VALUES FROM ('2026-01-01') TO (…)``.
_FIRST_OF_BOUND = re.compile(r"FOR VALUES (?:FROM|IN) \((?:'(?P<quoted>(?:[^']|'')*)'|(?P<plain>[-\w.]+))[,)]")
_NO_VALUES = frozenset({"MINVALUE", "MAXVALUE", "NULL"})
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_LENGTH = re.compile(r"\(.*\)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as ``queries/verify/tables.sql`` tells it; ``number`` stays its own when it is renamed.

    ``labels`` are values it takes, where those are few. ``given`` says that the server makes its values, and
    ``references`` is the (table, column) of a foreign key.
    """

    name: str
    type: str
    category: str
    labels: tuple[str, ...] = ()
    given: bool = False
    references: tuple[str, str] | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table that rows are written to; ``oid`` stays its own when it is renamed."""

    oid: int
    name: str
    columns: tuple[Column, ...]


def tables_of(document: Iterable[Mapping[str, Any]]) -> tuple[Table, ...]:
    """Return what the query said."""
    return tuple(Table(each["oid"], each["name"], tuple(map(_column, each["columns"]))) for each in document)


def known_before(before: Iterable[Table], after: Iterable[Table]) -> frozenset[str]:
    """Return the names, as SQL writes them, that tables and columns have ``after`` and that were there ``before``."""
    there = {table.oid: {column.number for column in table.columns} for table in before}
    found: set[str] = set()
    for table in after:
        if table.oid in there:
            known = (each.name for each in table.columns if each.number in there[table.oid])
            found |= {table.name, *(f"{table.name}.{Relation(None, name)}" for name in known)}
    return frozenset(found)


def _column(said: Mapping[str, Any]) -> Column:
    reference = said["references"]
    return Column(
        said["name"],
        said["type"],
        said["category"],
        tuple(_within(said["bound"]) or said["labels"] or _choices(said["checks"])),
        said["given"],
        None if reference is None else (reference["table"], reference["column"]),
        said["number"],
    )


def _within(bound: str | None) -> list[str]:
    """Return a value that a partition has room for, where its bound names one."""
    found = None if bound is None else _FIRST_OF_BOUND.match(bound)
    if found is None or found["plain"] in _NO_VALUES:
        return []
    return [found["plain"] if found["quoted"] is None else found["quoted"].replace("''", "'")]


def _choices(checks: Iterable[str]) -> list[str]:
    """Return the values that a check constraint lists."""
    for check in checks:
        if (found := _ONE_OF.search(check)) is not None:
            return [value.replace("''", "'") for value in _QUOTED.findall(found["values"])]
    return []


def inserts(table: Table) -> list[str]:
    """Return the statements that write ``ROWS`` rows, one each: a later one may refer to an earlier one's."""
    columns = [column for column in table.columns if not column.given]
    if not columns:
        return [f"INSERT INTO {table.name} DEFAULT VALUES"] * ROWS
    names = ", ".join(identifier(column.name) for column in columns)
    return [
        f"INSERT INTO {table.name} ({names}) VALUES ({', '.join(_value(column, number) for column in columns)})"
        for number in range(1, ROWS + 1)
    ]


def _value(column: Column, number: int) -> str:
    if column.references is not None:
        table, name = column.references
        skipped = f"(SELECT {number - 1} % greatest(count(*), 1) FROM {table})"
        return f"(SELECT {identifier(name)} FROM {table} ORDER BY 1 OFFSET {skipped} LIMIT 1)"
    if column.labels:
        return f"{literal(column.labels[(number - 1) % len(column.labels)])}::{column.type}"
    pattern = _BY_TYPE.get(_LENGTH.sub("()", column.type)) or _BY_CATEGORY.get(column.category)
    return "DEFAULT" if pattern is None else f"{literal(pattern.format(i=number))}::{column.type}"


def in_turn(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Return the tables with those that others refer to first, as far as there is such an order."""
    left = {table.name: table for table in tables}
    ordered: list[Table] = []
    while left:
        ready = [table for table in left.values() if not _waits_for(table) & (left.keys() - {table.name})]
        for table in ready or [next(iter(left.values()))]:
            ordered.append(left.pop(table.name))
    return tuple(ordered)


def _waits_for(table: Table) -> set[str]:
    return {column.references[0] for column in table.columns if column.references is not None}
