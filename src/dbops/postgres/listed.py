"""Rows of the catalogs put together: full names and parents of objects, and what other rows say about them. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Set
from typing import Any, TypeAlias

Id: TypeAlias = tuple[str, int, int]
"""What PostgreSQL knows an object by: its catalog, its oid, and the number of its column or 0."""
Row: TypeAlias = dict[str, Any]

# What else a row has are attributes.
_ABOUT = frozenset(
    {"kind", "name", "class", "oid", "sub", "parent_class", "parent", "parent_sub", "namespace", "about"}
)
_PREPOSITIONS = {"grant": "to", "revoke": "from", "default grant": "to", "default revoke": "from"}
_SECRET = re.compile("[^=]*(pass|secret|token|key|cert|credential)[^=]*=|[^=]*=.*://", re.IGNORECASE | re.DOTALL)
_PUBLIC = frozenset({"user", "username"})
_HAVE_SECRETS = frozenset({"foreign data wrapper", "server", "user mapping", "foreign table", "role setting"})


def listed(rows: Iterable[Row], members: Set[tuple[str, int]]) -> list[Row]:
    """Return an object a row, with kind, full name, parent (kind and name, or None) and attributes.

    A row without a kind adds its attributes to the object with its id. Left out are ``members`` (catalog and oid) of
    extensions, and what belongs to nothing that is listed. Options that may be secrets are hashed.
    """
    told = [row for row in rows if "kind" in row]
    known = {_id(row): row for row in told if "class" in row and (_holds(row) or not _is_one(row, members))}
    for row in rows:
        if "kind" not in row and (about := known.get(_id(row))) is not None:
            about.update(row)
    names = _Names(known)
    ours = (row for row in told if not _is_one(row, members))
    return [found for row in ours if (found := _entry(row, known, names)) is not None]


def _is_one(row: Row, members: Set[tuple[str, int]]) -> bool:
    return "class" in row and (row["class"], row["oid"]) in members


def _holds(row: Row) -> bool:
    """Say whether there may be others' things in it, a member of an extension or not: a schema."""
    return bool(row["class"] == "pg_namespace")


class _Names:
    """The full names of objects, each found once."""

    def __init__(self, known: Mapping[Id, Row]) -> None:
        self._known = known
        self._names: dict[Id, str | None] = {}

    def of(self, identity: Id) -> str | None:
        """Return the name, None for what is not listed or belongs to what is not."""
        if identity not in self._names:
            row = self._known.get(identity)
            self._names[identity] = None if row is None else self.full(row)
        return self._names[identity]

    def full(self, row: Row) -> str | None:
        """Return a row's name, with that of what it is in before it."""
        parent = _parent(row)
        if row["kind"] in _PREPOSITIONS:
            return self._granted(row, parent)
        if parent is None:
            return str(row["name"])
        within = self.of(parent)
        if within is not None and row.get("namespace") is not None:
            within = self.of(("pg_namespace", row["namespace"], 0))
        return None if within is None else f"{within}.{row['name']}"

    def _granted(self, row: Row, parent: Id | None) -> str | None:
        within = None if parent is None else self.of(parent)
        if parent is not None and within is None:
            return None
        where = row.get("about") or ("" if parent is None else f"{self._known[parent]['kind']} {within}")
        if "made_by" in row:
            where = f"{row['objects']}{where and f' in {where}'}"
        by = f" by {row['made_by']}" if "made_by" in row else ""
        return f"on {where} {_PREPOSITIONS[row['kind']]} {row['grantee']}{by}"


def _entry(row: Row, known: Mapping[Id, Row], names: _Names) -> Row | None:
    name = names.full(row)
    if name is None:
        return None
    parent = _parent(row)
    return {
        "kind": row["kind"],
        "name": name,
        "parent": None if parent is None else [known[parent]["kind"], names.of(parent)],
        "attributes": _attributes(row),
    }


def _id(row: Row) -> Id:
    return (row["class"], row["oid"], row.get("sub") or 0)


def _parent(row: Row) -> Id | None:
    return None if row.get("parent") is None else (row["parent_class"], row["parent"], row.get("parent_sub") or 0)


def _attributes(row: Row) -> dict[str, Any]:
    attributes = {name: value for name, value in row.items() if name not in _ABOUT}
    if row["kind"] in _HAVE_SECRETS:
        for name, value in attributes.items():
            if isinstance(value, list):
                attributes[name] = [_hidden(row["kind"], each) for each in value]
    return attributes


def _hidden(kind: str, option: str) -> str:
    """Return an option with a hash for its value where that may be a secret: it still tells whether it changed."""
    name, _, value = option.partition("=")
    if name in _PUBLIC or not (kind == "user mapping" or _SECRET.match(option)):
        return option
    return f"{name}=sha256:{hashlib.sha256(value.encode()).hexdigest()[:12]}"
