"""When what a cache holds was written last: whole tables, and single rows by their keys."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

NEVER = float("-inf")
_ROWS = 100_000
"""Single rows whose last write is remembered."""
_TICK = 1e-6
"""A log's times are milliseconds, in which much happens: what comes later in it is later by so much at least."""


class Entity(NamedTuple):
    """The rows of a table by a unique key: the table's oid, and the key's columns."""

    table: int
    columns: tuple[str, ...]


class Writes:
    """The last writes that a log has shown so far, in seconds of its time."""

    def __init__(self) -> None:
        self._any: dict[int, float] = {}
        self._unkeyed: dict[int, float] = {}
        self._beside: dict[Entity, float] = {}
        self._rows: OrderedDict[tuple[Entity, str], float] = OrderedDict()
        self._forgotten = NEVER
        self._last = NEVER

    def tables(self, tables: Iterable[int], at: float) -> None:
        """Note a write of tables that may have met any of their rows."""
        at = self._later(at)
        for table in tables:
            self._any[table] = self._unkeyed[table] = at

    def rows(self, tables: Iterable[int], keys: Mapping[Entity, Iterable[str] | None], at: float) -> None:
        """Note a write of a table (and its partitions) that met these rows alone; None: it may have met any."""
        at = self._later(at)
        self._any.update(dict.fromkeys(tables, at))
        for entity, found in keys.items():
            if found is None:
                self._beside[entity] = at
            for key in found or ():
                self._rows[entity, key] = at
                self._rows.move_to_end((entity, key))
        while len(self._rows) > _ROWS:
            self._forgotten = max(self._forgotten, self._rows.popitem(last=False)[1])

    def _later(self, at: float) -> float:
        self._last = at if at > self._last else self._last + _TICK
        return self._last

    def of_tables(self, tables: Iterable[int]) -> float:
        """Return when any row of the tables was written, -inf for never."""
        return max((self._any.get(table, NEVER) for table in tables), default=NEVER)

    def unkeyed(self, entity: Entity, tables: Iterable[int]) -> float:
        """Return when the tables were written otherwise than by the entity's key."""
        known = max((self._unkeyed.get(table, NEVER) for table in tables), default=NEVER)
        return max(known, self._beside.get(entity, NEVER))

    def of_row(self, entity: Entity, key: str) -> float:
        """Return when the row of that key was written by it."""
        return self._rows.get((entity, key), self._forgotten)
