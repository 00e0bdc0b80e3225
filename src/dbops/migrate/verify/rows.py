"""Rows to fill tables with, and what became of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbops.results.schema import Change, Difference
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
    "G": "",
}
_BY_TYPE: Mapping[str, str] = {
    "uuid": "00000000-0000-4000-8000-00000000000{i}",
    "json": '{{"row": {i}}}',
    "jsonb": '{{"row": {i}}}',
    "bytea": "\\x0{i}",
    "macaddr": "08:00:2b:01:02:0{i}",
    "point": "({i},{i})",
    "box": "(({i},{i}),(0,0))",
    "circle": "<(0,0),{i}>",
    "tsvector": "row{i}",
    "tsquery": "row{i}",
    "time without time zone": "0{i}:00",
    "time with time zone": "0{i}:00+00",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as ``queries/verify/tables.sql`` tells it; ``references`` is the (table, column) of a foreign key."""

    name: str
    type: str
    category: str
    labels: tuple[str, ...]
    given: bool
    references: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table that rows are written to; ``oid`` stays its own when it is renamed."""

    oid: int
    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a table: how many, and a digest of each column's values, in the order of the whole rows."""

    name: str
    count: int
    digests: Mapping[str, str]


def tables_of(document: Iterable[Mapping[str, Any]]) -> tuple[Table, ...]:
    """Return what the query said."""
    return tuple(
        Table(
            each["oid"],
            each["name"],
            tuple(
                Column(
                    said["name"],
                    said["type"],
                    said["category"],
                    tuple(said["labels"] or ()),
                    said["given"],
                    None if said["references"] is None else (said["references"]["table"], said["references"]["column"]),
                )
                for said in each["columns"]
            ),
        )
        for each in document
    )


def insert(table: Table) -> str:
    """Return the statement that writes ``ROWS`` rows."""
    columns = [column for column in table.columns if not column.given]
    if not columns:
        return f"INSERT INTO {table.name} SELECT FROM generate_series(1, {ROWS})"
    rows = ", ".join(f"({', '.join(_value(column, number) for column in columns)})" for number in range(1, ROWS + 1))
    names = ", ".join(identifier(column.name) for column in columns)
    return f"INSERT INTO {table.name} ({names}) VALUES {rows}"


def _value(column: Column, number: int) -> str:
    if column.references is not None:
        table, name = column.references
        return f"(SELECT {identifier(name)} FROM {table} ORDER BY 1 OFFSET {number - 1} LIMIT 1)"
    if column.labels:
        return f"{literal(column.labels[(number - 1) % len(column.labels)])}::{column.type}"
    pattern = _BY_TYPE.get(column.type.split("(")[0]) or _BY_CATEGORY.get(column.category)
    if pattern is None or not pattern:
        return "DEFAULT"
    return f"{literal(pattern.format(i=number))}::{column.type}"


def lost(before: Mapping[int, Content], after: Mapping[int, Content]) -> Iterator[Difference]:
    """Yield the rows and values that were there ``before``, and aren't after; tables and columns that are gone, too."""
    for oid, content in before.items():
        now = after.get(oid) or next((each for each in after.values() if each.name == content.name), None)
        if now is None or now.count < content.count:
            left = 0 if now is None else now.count
            yield Difference("rows", content.name, Change.DIFFERENT, {"rows": content.count}, {"rows": left})
            continue
        changed = sorted(name for name, digest in content.digests.items() if now.digests.get(name) != digest)
        for name in changed:
            values = {"values": f"those of {content.count} rows"}
            yield Difference("rows", f"{content.name}.{name}", Change.DIFFERENT, values, {"values": "others, or none"})


def contents_query(tables: Sequence[Table]) -> str:
    """Return the query for what is in the tables: one JSON object, by oid; None for no tables."""
    if not tables:
        return "SELECT NULL"
    rows = ", ".join(f"({table.oid}, {_content(table)})" for table in tables)
    return f"SELECT json_object_agg(oid, content) FROM (VALUES {rows}) AS found (oid, content)"


def _content(table: Table) -> str:
    """Return the expression for one table; values are compared as a set, so that their order doesn't matter."""
    return (
        f"json_build_object('name', {literal(table.name)}, 'count', (SELECT count(*) FROM {table.name}), "
        f"'digests', {_digests(table)})"
    )


def _digests(table: Table) -> str:
    if not table.columns:
        return "'{}'::json"
    values = ", ".join(
        f"({literal(column.name)}, (SELECT md5(string_agg(value, ',' ORDER BY value)) FROM "
        f"(SELECT coalesce(md5({identifier(column.name)}::text), '') AS value FROM {table.name}) AS each))"
        for column in table.columns
    )
    return f"(SELECT json_object_agg(name, coalesce(digest, '')) FROM (VALUES {values}) AS d (name, digest))"


def contents(document: Mapping[str, Any] | None) -> dict[int, Content]:
    """Return what the query said, by oid."""
    return {int(oid): Content(said["name"], said["count"], said["digests"]) for oid, said in (document or {}).items()}


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
