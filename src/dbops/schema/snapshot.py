"""A schema as entries that can be compared: every object there is, by kind and name, with what defines it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, str]
"""Kind and name, such as ``("column", "public.orders.note")``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object.

    ``kind`` is PostgreSQL's word for it (table, column, index, …). ``name`` is unique among its kind and written as SQL
    would: ``public.orders``, ``public.orders.note``, ``public.total(integer)``. ``parent`` is the object that it goes
    with: a column's table. ``attributes`` are JSON values by a name that people understand; a name that a server's
    version doesn't know is absent.
    """

    kind: str
    name: str
    parent: Key | None
    attributes: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Return what it is compared by."""
        return (self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All entries of a database. ``version`` is the ``server_version_num`` of the server that spelled them."""

    version: int
    entries: Mapping[Key, Entry]


def snapshot(version: int, rows: Iterable[Mapping[str, Any]]) -> Snapshot:
    """Return the snapshot of the rows that ``postgres.snapshot.read`` returns."""
    entries = (
        Entry(row["kind"], row["name"], None if row["parent"] is None else (*row["parent"],), row["attributes"])
        for row in rows
    )
    return Snapshot(version, {entry.key: entry for entry in entries})
