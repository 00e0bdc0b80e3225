"""What the server tells of the tables behind statements, and how often they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dbops.sql.dependence import Dependence
from dbops.sql.nodes import Relation
from dbops.workload.cache.replay import Tables
from dbops.workload.routing import Behind

_UNSEEN = 1.2
"""Rows that are written are as many as statements say, but for those that come while they are counted; from so many
times that on, something else writes too: a trigger, a function, a cascade."""
_LATE_S = 10.0
"""A session reports the rows that it wrote at the end of a transaction, but not each time: an idle one so much later
(PGSTAT_IDLE_INTERVAL). In a short interval those of before it weigh much."""


class Table(NamedTuple):
    """A relation that a name means, or that is below it; ``written`` are its rows written so far.

    ``derives`` says that an UPDATE may change columns that it does not name, ``numbers`` are the columns whose values
    are numbers.
    """

    oid: int
    name: str
    kind: str
    root: bool
    temporary: bool
    row_security: bool
    catalog: bool
    derives: bool
    written: int | None
    unique: tuple[tuple[str, ...], ...]
    numbers: frozenset[str]

    @property
    def has_rows(self) -> bool:
        """Whether it holds rows itself."""
        return self.kind in {"r", "m", "f", "t"}


def read(said: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Table, ...]]:
    """Return by the names that were asked for what :func:`dbops.postgres.caches.tables` said."""
    found: dict[str, list[Table]] = {}
    for each in said:
        unique = tuple(tuple(columns) for columns in each["unique"] or ())
        found.setdefault(each["asked"], []).append(
            Table(
                each["oid"],
                each["name"],
                each["kind"],
                each["root"],
                each["temporary"],
                each["row_security"],
                each["catalog"],
                each["derives"],
                each["written"],
                unique,
                frozenset(each["numbers"] or ()),
            )
        )
    return {name: tuple(tables) for name, tables in found.items()}


class WriteStatement(NamedTuple):
    """A statement that writes: the tables, how often a second it wrote something at most, and rows a second.

    ``keyed`` are the columns whose values name its rows, with the table's oid; None where it may write any.
    ``changed`` are the columns that it changes, None for all.
    """

    tables: frozenset[int]
    per_s: float
    rows_per_s: float
    keyed: tuple[int, frozenset[str]] | None = None
    changed: frozenset[str] | None = None

    def concerns(self, columns: frozenset[str] | None) -> bool:
        """Whether it may change what a query answers that mentions these columns (None: any)."""
        return self.changed is None or columns is None or not self.changed.isdisjoint(columns)


@dataclass(frozen=True, slots=True)
class Known:
    """All that was asked of the server about what statements read.

    ``against`` is what advise replicas knows too, ``views`` what the answers of views depend on. ``asking`` are
    functions of one's own that look at who asks. ``rows`` are rows written a second by table's oid, None where that is
    not known; they were counted for ``seconds``, None for so long that what was late does not matter.
    """

    against: Behind = field(default_factory=Behind)
    tables: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    views: Mapping[str, Dependence] = field(default_factory=dict)
    asking: frozenset[Relation] = frozenset()
    rows: Mapping[int, float] | None = None
    writes: tuple[WriteStatement, ...] = ()
    seconds: float | None = None

    def below(self, relations: Iterable[str]) -> tuple[Table, ...]:
        """Return the tables with rows that these names are or have below them, each once."""
        found = {each.oid: each for name in relations for each in self.tables.get(name, ()) if each.has_rows}
        return tuple(sorted(found.values(), key=lambda each: each.name))

    def means(self, name: str) -> Tables:
        """Return what a name means to the replay of a log."""
        found = self.tables.get(name, ())
        oid = next((each.oid for each in found if each.root), None)
        return Tables(oid, frozenset(each.oid for each in found), any(each.derives for each in found))

    def root(self, name: str) -> Table | None:
        """Return the table that a name means itself, None for a view."""
        return next((each for each in self.tables.get(name, ()) if each.root and each.kind in {"r", "p"}), None)

    def written(
        self, tables: frozenset[int], columns: frozenset[str] | None = None
    ) -> tuple[float | None, float | None]:
        """Return how many statements a second write these columns (None: any) of tables, at most, and how many rows.

        None is not known. Rows that no statement accounts for were written by something else, one by one for all that
        is known.
        """
        if self.rows is None and not self.writes:
            return None, None
        meant = [each for each in self.writes if not each.tables.isdisjoint(tables)]
        statements = sum(each.per_s for each in meant if each.concerns(columns))
        rows = sum(each.rows_per_s for each in meant)
        if self.rows is None:
            return statements, None
        counted = sum(self.rows.get(table, 0.0) for table in tables)
        late = _LATE_S / self.seconds if self.seconds else 0.0
        unseen = counted - rows if counted > rows * (_UNSEEN + late) else 0.0
        return statements + unseen, counted
