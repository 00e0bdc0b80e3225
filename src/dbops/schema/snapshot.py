"""A schema as entries that can be compared: every object there is, by kind and name, with what defines it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from dbops.sql.quote import identifier

Key: TypeAlias = tuple[str, str]
"""Kind and name, such as ``("column", "public.orders.note")``."""


_ROLES = ("owner", "grantee", "made_by")
_GRANT = "grant"
_OF_USER = "user mapping"


@dataclass(frozen=True, slots=True)
class Entry:
    """One object.

    ``kind`` is PostgreSQL's word for it (table, column, index, …). ``name`` is unique among its kind and written as SQL
    would: ``public.orders``, ``public.orders.note``, ``public.total(integer)``. ``parent`` is the object that it goes
    with: a column's table. ``attributes`` are JSON values by a name that people understand; what
    a server's version doesn't know has the value that it would have by default.
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


MIGRATING = "the migrating role"
"""Instead of its name, which is another one in every database."""


def relative(of: Snapshot, *roles: str) -> Snapshot:
    """Return the snapshot with ``MIGRATING`` wherever it has one of the roles, which are one to the reader.

    What that role is granted on what it owns is left out: it has it anyhow.
    """
    names = frozenset(name for role in roles for name in (role, identifier(role)))
    entries = {entry.key: entry for entry in (_relative(entry, names) for entry in of.entries.values())}
    return replace(
        of, entries={key: entry for key, entry in entries.items() if not _goes_without_saying(entry, entries)}
    )


def _relative(entry: Entry, names: frozenset[str]) -> Entry:
    changes: dict[str, Any] = {name: MIGRATING for name in _ROLES if entry.attributes.get(name) in names}
    if "privileges" in entry.attributes:
        changes["privileges"] = [_granted(each, names) for each in entry.attributes["privileges"]]
    if not names.isdisjoint(entry.attributes.get("roles", ())):
        changes["roles"] = sorted({MIGRATING if each in names else each for each in entry.attributes["roles"]})
    attributes = {**entry.attributes, **changes}
    name = _renamed(entry, attributes, names)
    return replace(entry, name=name, attributes=attributes) if changes or name != entry.name else entry


def _renamed(entry: Entry, attributes: Mapping[str, Any], names: frozenset[str]) -> str:
    """Return the entry's name: those of grants and of user mappings end with a role's."""
    if entry.kind == _OF_USER and entry.parent is not None:
        server = f"{entry.parent[1]}."
        return f"{server}{MIGRATING}" if entry.name.removeprefix(server) in names else entry.name
    tail, made = _tail(entry.attributes), _tail(attributes)
    return entry.name if tail == made else f"{entry.name.removesuffix(tail)}{made}"


def _goes_without_saying(entry: Entry, entries: Mapping[Key, Entry]) -> bool:
    if entry.kind != _GRANT or entry.attributes.get("grantee") != MIGRATING:
        return False
    holder = None if entry.parent is None else entries.get(entry.parent)
    while holder is not None and "owner" not in holder.attributes and holder.parent is not None:  # a column's table
        holder = entries.get(holder.parent)
    return holder is not None and holder.attributes.get("owner") == MIGRATING


def _tail(attributes: Mapping[str, Any]) -> str:
    """Return what the name of a grant ends with."""
    roles = (attributes.get("grantee"), attributes.get("made_by"))
    return " by ".join(role for role in roles if role is not None)


def _granted(privilege: str, names: frozenset[str]) -> str:
    """Return a privilege such as ``SELECT BY owner``."""
    what, by, grantor = privilege.partition(" BY ")
    return f"{what} BY {MIGRATING}" if by and grantor in names else privilege
