"""Partitions and inheritance children."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dbops.schema.model import Schema, Table
from dbops.sql.nodes import Relation


def of(schema: Schema, parent: Table) -> tuple[Table, ...]:
    """Return the tables that are the parent's own partitions or inherit from it themselves."""
    if not parent.has_children:
        return ()
    return tuple(table for table in schema.tables.values() if parent.name in table.parents)


def below(schema: Schema, parent: Table) -> Iterator[Table]:
    """Yield the children, theirs, and so on."""
    seen = {parent.name}
    waiting = list(of(schema, parent))
    while waiting:
        child = waiting.pop(0)
        if child.name not in seen:
            seen.add(child.name)
            yield child
            waiting += of(schema, child)


def adopted(schema: Schema, parent: Relation) -> Schema:
    """Return the schema with a table marked as one that has children."""
    table = schema.tables.get(parent)
    if table is None or table.has_children:
        return schema
    return schema.with_table(replace(table, has_children=True))


def changed(schema: Schema, before: Table, after: Table) -> Schema:
    """Return the schema with ``after`` in place of ``before``; the same object when they are equal."""
    return schema if after == before else schema.with_table(after)
