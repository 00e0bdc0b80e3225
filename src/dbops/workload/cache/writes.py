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


Columns = frozenset[str] | None
"""Columns that a write changes, or a query mentions; None for all."""
_Latest = dict[Columns, float]


class Writes:
    """The last writes that a log has shown so far, in seconds of its time, by the columns that they change."""

    def __init__(self) -> None:
        self._any: dict[int, _Latest] = {}
        self._unkeyed: dict[int, _Latest] = {}
        self._beside: dict[Entity, _Latest] = {}
        self._rows: OrderedDict[tuple[Entity, str], _Latest] = OrderedDict()
        self._forgotten = NEVER
        self._last = NEVER

    def tables(self, tables: Iterable[int], changed: Columns, at: float) -> None:
        """Note a write of tables that may have met any of their rows."""
        at = self._later(at)
        for table in tables:
            self._any.setdefault(table, {})[changed] = at
            self._unkeyed.setdefault(table, {})[changed] = at

    def rows(
        self, tables: Iterable[int], keys: Mapping[Entity, Iterable[str] | None], changed: Columns, at: float
    ) -> None:
        """Note a write of a table (and its partitions) that met these rows alone; None: it may have met any."""
        at = self._later(at)
        for table in tables:
            self._any.setdefault(table, {})[changed] = at
        for entity, found in keys.items():
            if found is None:
                self._beside.setdefault(entity, {})[changed] = at
            for key in found or ():
                self._rows.setdefault((entity, key), {})[changed] = at
                self._rows.move_to_end((entity, key))
        while len(self._rows) > _ROWS:
            self._forgotten = max(self._forgotten, *self._rows.popitem(last=False)[1].values())

    def _later(self, at: float) -> float:
        self._last = max(at, self._last) + _TICK
        return self._last

    def of_tables(self, tables: Iterable[int], columns: Columns) -> float:
        """Return when these columns of any row of the tables were written, -inf for never."""
        return max((_latest(self._any.get(table), columns) for table in tables), default=NEVER)

    def unkeyed(self, entity: Entity, tables: Iterable[int], columns: Columns) -> float:
        """Return when these columns were written otherwise than by the entity's key, or by one that is forgotten."""
        known = max((_latest(self._unkeyed.get(table), columns) for table in tables), default=NEVER)
        return max(known, _latest(self._beside.get(entity), columns), self._forgotten)

    def of_row(self, entity: Entity, key: str, columns: Columns) -> float:
        """Return when these columns of the row of that key were written by it."""
        return _latest(self._rows.get((entity, key)), columns)


def _latest(found: _Latest | None, columns: Columns) -> float:
    """Return the last write that concerns these columns."""
    if not found:
        return NEVER
    return max(
        (at for changed, at in found.items() if changed is None or columns is None or not changed.isdisjoint(columns)),
        default=NEVER,
    )
