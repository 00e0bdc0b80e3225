"""A schema as JSON and back, for a cache.

With it goes what it remembers of who holds which name. That could be found again in its tables, but not always the
same: two tables may have a constraint of one name each.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from dbops.schema.holders import Holders
from dbops.schema.model import Check, Column, ForeignKey, Index, Schema, Table
from dbops.sql.nodes import Relation

_FIELDS: dict[type, list[str]] = {
    which: [field.name for field in fields(which)] for which in (Table, Column, Index, ForeignKey, Check)
}


def dumped(schema: Schema) -> str:
    """Return the schema as JSON, which :func:`loaded` reads: a list of its fields for each value."""
    types = [(*name, which) for name, which in schema.types.items()]
    holders = (
        None if schema.noted_holders is None else [(*name, *table) for name, table in schema.noted_holders.items()]
    )
    values = (list(schema.tables.values()), types, schema.search_path, schema.complete, holders)
    return json.dumps(values, default=_values)


def _values(value: object) -> list[Any]:
    return [getattr(value, name) for name in _FIELDS[type(value)]]


def loaded(text: str) -> Schema:
    """Read what ``dumped`` returned. Raises ValueError or TypeError for anything else."""
    tables, types, search_path, complete, holders = json.loads(text)
    schema = Schema(
        {table.name: table for table in map(_table, tables)},
        {Relation(schema, name): which for schema, name, which in types},
        tuple(search_path),
        complete,
    )
    return schema if holders is None else schema.with_holders(Holders.of(map(_holder, holders)))


def _holder(values: list[Any]) -> tuple[Relation, Relation]:
    schema, name, *table = values
    return Relation(schema, name), Relation(*table)


def _table(values: list[Any]) -> Table:
    name, kind, columns, indexes, foreign_keys, checks, complete, rows, size, parents, has_children = values
    return Table(
        Relation(*name),
        kind,
        tuple(Column(*each) for each in columns),
        tuple(Index(*map(_tuple, each)) for each in indexes),
        tuple(map(_foreign_key, foreign_keys)),
        tuple(Check(*each) for each in checks),
        complete,
        rows,
        size,
        tuple(Relation(*each) for each in parents),
        has_children,
    )


def _foreign_key(values: list[Any]) -> ForeignKey:
    name, columns, referenced, referenced_columns, validated = values
    return ForeignKey(name, tuple(columns), Relation(*referenced), tuple(referenced_columns), validated)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
