"""What a server knows of tables that decides which index could help them. Pure.

None is unknown throughout: a table that was never analyzed has no rows and pages, a column that the role may not read
no statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dbops.explain.advise.candidate import Key
from dbops.sql.nodes import Relation


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column's statistics, as pg_stats has them.

    ``width`` is in bytes, ``nulls`` the share of NULLs, ``distinct`` a count, or when negative a share of the rows;
    ``correlation`` is that of its order with the table's, ``most_common`` the share of its commonest value.
    ``plain_order`` says whether text is sorted byte by byte (the collation is C), None where there is no collation.
    """

    width: float | None = None
    nulls: float | None = None
    distinct: float | None = None
    correlation: float | None = None
    most_common: float | None = None
    plain_order: bool | None = None

    def values(self, rows: float | None) -> float | None:
        """Return how many different values there are among so many rows."""
        if self.distinct is None or self.distinct == 0:
            return None
        if self.distinct > 0:
            return self.distinct
        return None if rows is None else max(-self.distinct * rows, 1.0)


@dataclass(frozen=True, slots=True)
class ExistingIndex:
    """An index there is. ``needed``: a constraint, the replica identity or CLUSTER wants it.

    ``collated`` says that a key has another collation than its column.
    """

    name: str
    keys: tuple[Key, ...]
    include: tuple[str, ...] = ()
    predicate: str | None = None
    method: str = "btree"
    unique: bool = False
    needed: bool = False
    valid: bool = True
    collated: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """A table with rows of its own: a partition, or the table itself. ``visible`` is the share of all-visible pages."""

    name: Relation
    rows: float | None = None
    pages: int | None = None
    visible: float | None = None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table or partitioned table."""

    leaves: tuple[Leaf, ...] = ()
    columns: Mapping[str, ColumnFacts] = field(default_factory=dict)
    indexes: tuple[ExistingIndex, ...] = ()

    @property
    def rows(self) -> float | None:
        """The planner's count of its rows."""
        known = [leaf.rows for leaf in self.leaves if leaf.rows is not None]
        return sum(known) if known else None

    @property
    def pages(self) -> int | None:
        """Its pages, as VACUUM or ANALYZE counted them last."""
        known = [leaf.pages for leaf in self.leaves if leaf.pages is not None]
        return sum(known) if known else None

    def column(self, name: str) -> ColumnFacts:
        """Return what is known of a column."""
        return self.columns.get(name, _NOTHING)


_NOTHING = ColumnFacts()


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension the server has to offer; ``installed`` is its version in this database, None when it isn't.

    ``schema`` is where it is; ``visible`` whether the search path leads there.
    """

    installed: str | None = None
    schema: str | None = None
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Costs:
    """The planner's cost settings, at PostgreSQL's defaults; ``cached_pages`` is effective_cache_size in pages."""

    seq_page: float = 1.0
    random_page: float = 4.0
    tuple: float = 0.01
    index_tuple: float = 0.005
    operator: float = 0.0025
    cached_pages: float = 524288.0
    page_bytes: int = 8192


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was asked. ``functions`` have the weakest promise of all functions of a name: ``immutable``, ``stable``
    or ``volatile``."""

    tables: Mapping[Relation, TableFacts] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    costs: Costs = Costs()

    def table(self, name: Relation) -> TableFacts:
        """Return what is known of a table, by its qualified name."""
        return self.tables.get(name, _UNKNOWN)


_UNKNOWN = TableFacts()


def facts_of(document: Mapping[str, Any]) -> Facts:
    """Return the facts of what ``postgres.columns.facts`` returns."""
    settings = document["settings"]
    return Facts(
        tables={Relation(each["schema"], each["name"]): _table(each) for each in document["tables"]},
        functions=document["functions"],
        extensions={
            each["name"]: Extension(each["installed"], each["schema"], bool(each["visible"]))
            for each in document["extensions"]
        },
        costs=Costs(
            seq_page=float(settings["seq_page_cost"]),
            random_page=float(settings["random_page_cost"]),
            tuple=float(settings["cpu_tuple_cost"]),
            index_tuple=float(settings["cpu_index_tuple_cost"]),
            operator=float(settings["cpu_operator_cost"]),
            cached_pages=float(settings["effective_cache_size"]),
            page_bytes=int(settings["block_size"]),
        ),
    )


def _table(said: Mapping[str, Any]) -> TableFacts:
    leaves = (
        Leaf(Relation(each["schema"], each["name"]), each["rows"], each["pages"], each["visible"])
        for each in said["leaves"]
    )
    columns = {each["name"]: _column(each) for each in said["columns"]}
    return TableFacts(tuple(leaves), columns, tuple(map(_index, said["indexes"])))


def _column(said: Mapping[str, Any]) -> ColumnFacts:
    return ColumnFacts(**{name: value for name, value in said.items() if name != "name"})


def _index(said: Mapping[str, Any]) -> ExistingIndex:
    return ExistingIndex(
        name=said["name"],
        keys=tuple(map(_key, said["keys"])),
        include=tuple(said["include"]),
        predicate=said["predicate"],
        method=said["method"],
        unique=said["unique"],
        needed=said["needed"] or said["unique"],
        valid=said["valid"],
        collated=any(each["collated"] for each in said["keys"]),
    )


def _key(said: Mapping[str, Any]) -> Key:
    return Key(
        expression=said["column"] or said["expression"],
        column=said["column"],
        descending=said["descending"],
        nulls_first=said["nulls_first"],
        opclass=said["opclass"],
    )
