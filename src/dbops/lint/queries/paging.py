"""Reading a table in pages by a key, as SQL for hints. Pure."""

from __future__ import annotations

from dbops.lint.queries.query import Source
from dbops.sql.nodes import Relation


def key(source: Source, *, qualify: bool = False) -> tuple[str, ...]:
    """Return the primary key's columns as SQL; ``id`` where nothing is known of a table; nothing without a key."""
    table = source.table
    if table is None or (table.primary_key is None and not table.complete):
        columns: tuple[str | None, ...] = ("id",) if source.relation is not None else ()
    else:
        columns = () if table.primary_key is None else table.primary_key.columns
    return tuple(str(Relation(source.alias if qualify else None, column)) for column in columns if column is not None)


def placeholders(count: int) -> str:
    """Return ``$1`` or a row ``($1, $2)``."""
    return row([f"${number + 1}" for number in range(count)])


def row(parts: list[str] | tuple[str, ...]) -> str:
    """Return the one part alone, several as a row."""
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
