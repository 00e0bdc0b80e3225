"""Whether one query's rows have the keys that another one asks for: by foreign keys, else by names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dbops.sql.selection import Column, Selection

ID = re.compile(r"(\w*?[a-z0-9])(?:_id|Id|ID|_pk|_uuid)")
"""A column that refers to another table by its name: ``author_id``, ``authorId``."""

_REFERS, _SHARED, _NAMED, _SAME = range(4)


class Place(NamedTuple):
    """A column of a relation, by its oid."""

    relation: int
    column: str


class Link(NamedTuple):
    """Why one query's rows have another one's keys; the lower ``rank`` is, the more it says."""

    rank: int
    why: str


@dataclass(frozen=True, slots=True)
class Keys:
    """What the server knows of columns; see :func:`dbops.postgres.calls.keys`."""

    relations: Mapping[str, int] = field(default_factory=dict)
    columns: frozenset[Place] = frozenset()
    unique: frozenset[Place] = frozenset()
    references: frozenset[tuple[Place, Place]] = frozenset()

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Keys:
        """Return what the server said."""
        return cls(
            dict(said["relations"]),
            frozenset(Place(*each) for each in said["columns"]),
            frozenset(Place(*each) for each in said["unique"]),
            frozenset((Place(*each[:2]), Place(*each[2:])) for each in said["references"]),
        )

    def place(self, column: Column) -> Place | None:
        """Return where a column is, None where that is not known."""
        oid = None if column.relation is None else self.relations.get(str(column.relation))
        return None if oid is None else Place(oid, column.name)

    def is_unique(self, column: Column) -> bool:
        """Whether it is known that a value of the column is in one row at most."""
        return self.place(column) in self.unique

    def linked(self, source: Selection, key: Column, wanted: Selection | None = None) -> Link | None:
        """Return why the rows of a query have the keys that a column is compared with, None where they don't.

        ``wanted`` is what the other query gives, where rows that have all of that already are no reason to ask.
        """
        asked = self.place(key)
        given = list(self._given(source))
        if asked is not None:
            known = list(self._known(given, asked, key))
            if (
                wanted is not None
                and wanted.columns <= {column for column, _ in given}
                and wanted.stars <= source.stars
            ):
                known = [link for link in known if link.rank != _SAME]
            if known:
                return min(known)
            if any(own == asked for own, _ in self.references):
                return None  # it refers to something else than what the source gives
        named = next(_by_name(source, [column for column, _ in given], key), None)
        return None if named is None else Link(_NAMED, named)

    def _given(self, source: Selection) -> Iterator[tuple[Column, Place | None]]:
        """Yield the columns that a query gives, those of ``*`` as well."""
        for column in source.columns:
            yield column, self.place(column)
        for relation in source.stars:
            oid = self.relations.get(str(relation))
            for place in self.columns:
                if place.relation == oid:
                    yield Column(relation, place.column), place

    def _known(self, given: list[tuple[Column, Place | None]], asked: Place, key: Column) -> Iterator[Link]:
        above = {other for own, other in self.references if own == asked}
        for column, place in given:
            if place is None:
                continue
            refers = {other for own, other in self.references if own == place}
            if asked in refers:
                yield Link(_REFERS, f"{_spelt(column)} refers to {_spelt(key)}")
            elif place in above:
                yield Link(_REFERS, f"{_spelt(key)} refers to {_spelt(column)}")
            elif above & refers:
                yield Link(_SHARED, f"{_spelt(column)} and {_spelt(key)} refer to the same")
            elif place == asked and asked in self.unique:
                yield Link(_SAME, f"both are about {_spelt(key)}")


def _by_name(source: Selection, given: list[Column], key: Column) -> Iterator[str]:
    """Yield what names tell: ``posts.author_id`` has the key of ``authors.id``, ``posts.id`` that of ``….post_id``."""
    match = ID.fullmatch(key.name)
    tables = {relation.name for relation in source.relations.values()}
    for column in given:
        named = ID.fullmatch(column.name)
        if named is not None and key.relation is not None and is_of(named[1], key.relation.name) and match is None:
            yield f"by its name {_spelt(column)} has the keys of {_spelt(key)}"
        elif match is not None and column.name == key.name:
            yield f"{_spelt(column)} and {_spelt(key)} have one name"
        elif match is not None and column.name == "id" and any(is_of(match[1], table) for table in tables):
            yield f"by its name {_spelt(key)} has the keys of {_spelt(column)}"


def may_refer(source: Selection, key: Column) -> bool:
    """Whether rows may have the key of another table under a name that tells a role, or are the nodes of a tree.

    ``posts.author_id`` may refer to ``users.id``, and ``categories.parent_id`` to ``categories.id``. It proves nothing:
    who asks so must know by other means that the two belong together.
    """
    names = {column.name for column in source.columns}
    if key.name == "id":
        return any(ID.fullmatch(name) for name in names)
    return "id" in names and ID.fullmatch(key.name) is not None and key.relation in source.relations.values()


def is_of(name: str, table: str) -> bool:
    """Whether a reference's name is that of a table, its last word or its plural: ``author`` of ``blog_authors``."""
    one, other = (each.lower().replace("_", "") for each in (name, table))
    return other.endswith((one, f"{one}s", f"{one}es", f"{one[:-1]}ies"))


def _spelt(column: Column) -> str:
    return column.name if column.relation is None else f"{column.relation}.{column.name}"
