"""Tables, columns, indexes and constraints as values.

What is not known is None or absent, never a guess: a table can be known by name alone, a schema can be known in part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dbops.sql.nodes import Relation

DEFAULT_SCHEMA = "public"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``type`` is spelled as PostgreSQL's ``format_type`` does (``integer``, ``character varying(20)``).

    ``nullable`` is None when nobody knows (a view's column). ``default`` is the expression's SQL.
    """

    name: str
    type: str
    nullable: bool | None = True
    default: str | None = None
    identity: bool = False
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index; ``columns`` are its key columns in order, with None for an expression.

    ``partial`` says whether it has a WHERE, ``constraint`` whether a constraint owns it, ``primary`` whether that is
    the primary key. An ``expressions`` entry is the SQL of each None in ``columns``, where it is known.
    """

    name: str
    columns: tuple[str | None, ...]
    unique: bool = False
    primary: bool = False
    partial: bool = False
    constraint: bool = False
    method: str = "btree"
    valid: bool = True
    nulls_not_distinct: bool = False
    expressions: tuple[str, ...] = ()

    @property
    def key(self) -> frozenset[str] | None:
        """The columns that together name at most one row, or None when the index does not promise that."""
        if not self.unique or self.partial or not self.valid or None in self.columns:
            return None
        return frozenset(column for column in self.columns if column is not None)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key from its table's ``columns`` to ``referenced_columns`` (empty: the primary key's)."""

    name: str
    columns: tuple[str, ...]
    referenced: Relation
    referenced_columns: tuple[str, ...] = ()
    validated: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint; ``not_null`` is the column when all it says is ``column IS NOT NULL``."""

    name: str
    expression: str
    validated: bool = True
    not_null: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A relation that queries read.

    ``kind`` is ``table``, ``partitioned``, ``partition``, ``view``, ``matview`` or ``foreign``. ``complete`` says
    whether ``columns`` and the rest are all there is. ``rows`` and ``bytes`` (of the heap, its TOAST and indexes) are
    the server's estimates, None when unknown.
    """

    name: Relation
    kind: str = "table"
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    complete: bool = True
    rows: float | None = None
    bytes: int | None = None

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def keys(self) -> tuple[frozenset[str], ...]:
        """The sets of columns of which each names at most one row."""
        return tuple(key for index in self.indexes if (key := index.key) is not None)

    @property
    def primary_key(self) -> Index | None:
        """The primary key's index."""
        return next((index for index in self.indexes if index.primary), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """What is known of a database's tables, by qualified name.

    ``complete`` says whether a table that is not here does not exist (a catalog was read); in a schema known from
    migrations, what an extension or a hand made may be missing. ``types`` maps user-defined types to their kind:
    ``enum``, ``domain``, ``composite`` or ``range``.
    """

    tables: Mapping[Relation, Table] = field(default_factory=dict)
    types: Mapping[Relation, str] = field(default_factory=dict)
    search_path: tuple[str, ...] = (DEFAULT_SCHEMA,)
    complete: bool = False

    def qualified(self, name: Relation) -> Relation:
        """Return the name with the schema it is found in, or would be made in."""
        if name.schema is not None:
            return name
        candidates = (Relation(schema, name.name) for schema in self.search_path)
        found = next((candidate for candidate in candidates if candidate in self.tables), None)
        return found or Relation(self.search_path[0] if self.search_path else DEFAULT_SCHEMA, name.name)

    def table(self, name: Relation) -> Table | None:
        """Return the table a statement means by that name, or None when it isn't known."""
        return self.tables.get(self.qualified(name))

    def owner(self, index: Relation) -> Table | None:
        """Return the table whose index has that name; without a schema, the search path decides."""
        schemas = self.search_path if index.schema is None else (index.schema,)
        for schema in schemas:
            for name, table in self.tables.items():
                if name.schema == schema and any(each.name == index.name for each in table.indexes):
                    return table
        return None

    def with_table(self, table: Table) -> Schema:
        """Return the schema with this table in place of any of its name."""
        return replace(self, tables={**self.tables, table.name: table})

    def without_tables(self, names: Iterable[Relation]) -> Schema:
        """Return the schema without these tables, given by qualified names."""
        gone = set(names)
        return replace(self, tables={name: table for name, table in self.tables.items() if name not in gone})


EMPTY = Schema()
