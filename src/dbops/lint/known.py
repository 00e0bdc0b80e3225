"""What is known of the tables when a file is judged: from a database, from migrations, or from both. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dbops.schema.model import Schema
from dbops.sql.nodes import Relation


def sized(folded: Schema, catalog: Schema | None, made: Collection[Relation]) -> Schema:
    """Return a schema known from migrations, with the catalog's sizes and with the tables that no migration made.

    That is how a migration finds the database: as the earlier ones left it, as large as it is. ``made`` are the
    tables that any of the migrations makes, also a later one.
    """
    if catalog is None:
        return folded
    tables = dict(folded.tables)
    for name, table in catalog.tables.items():
        known = tables.get(name)
        if known is not None:
            tables[name] = replace(known, rows=table.rows, bytes=table.bytes)
        elif name not in made:
            tables[name] = table
    return replace(folded, tables=tables, types={**catalog.types, **folded.types})


def current(folded: Schema | None, catalog: Schema | None) -> Schema | None:
    """Return what queries find: the catalog, and the tables of migrations that are yet to come."""
    if catalog is None or folded is None:
        return catalog or folded
    coming = {name: table for name, table in folded.tables.items() if name not in catalog.tables}
    return replace(catalog, tables={**catalog.tables, **coming}, types={**folded.types, **catalog.types})
