"""Which table an index or a constraint belongs to, by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dbops.sql.nodes import Relation

_BUCKETS = 64


class Holders:
    """A map from names to tables that is never changed: a changed one shares all but a few buckets with it.

    A migration's history makes thousands of such maps of thousands of names each, one after the other.
    """

    __slots__ = ("_buckets",)

    def __init__(self, buckets: tuple[dict[Relation, Relation], ...] = ({},) * _BUCKETS) -> None:
        self._buckets = buckets

    def __reduce__(self) -> tuple[Any, ...]:
        """Be made anew in another process: strings have other hashes there, and so other buckets."""
        return Holders.of, (tuple(self.items()),)

    @classmethod
    def of(cls, items: Iterable[tuple[Relation, Relation]]) -> Holders:
        """Return the map of these names to these tables."""
        buckets: tuple[dict[Relation, Relation], ...] = tuple({} for _ in range(_BUCKETS))
        for name, table in items:
            buckets[hash(name) % _BUCKETS][name] = table
        return cls(buckets)

    def items(self) -> Iterator[tuple[Relation, Relation]]:
        """Yield the names and their tables, in no order."""
        return (item for bucket in self._buckets for item in bucket.items())

    def get(self, name: Relation) -> Relation | None:
        """Return the table that holds what has this qualified name."""
        return self._buckets[hash(name) % _BUCKETS].get(name)

    def changed(self, table: Relation, gone: Iterable[Relation], held: Mapping[Relation, bool]) -> Holders:
        """Return the map after a table has lost some names and got others.

        Names are told whether they are an index's: those no other table can have. A constraint's may be another
        table's, too, and then stays with it.
        """
        buckets = list(self._buckets)
        for name in gone:
            place = hash(name) % _BUCKETS
            if buckets[place].get(name) == table:
                buckets[place] = {each: holder for each, holder in buckets[place].items() if each != name}
        for name, index in held.items():
            place = hash(name) % _BUCKETS
            if index or name not in buckets[place]:
                buckets[place] = {**buckets[place], name: table}
        return Holders(tuple(buckets))
