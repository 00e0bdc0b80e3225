"""Tables, columns, indexes and constraints as values.

What is not known is None or absent, never a guess: a table can be known by name alone, a schema can be known in part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dbops.schema.holders import Holders
from dbops.sql.nodes import Relation

DEFAULT_SCHEMA = "public"
TEMPORARY_SCHEMA = "pg_temp"


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
    the primary key. An ``expressions`` entry is the SQL of each None in ``columns``, where it is known. ``included``
    are the columns of INCLUDE; ``predicate`` is the SQL of a partial index's WHERE, where it is known.
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
    included: tuple[str, ...] = ()
    predicate: str | None = None

    @property
    def key(self) -> frozenset[str] | None:
        """The columns that together name at most one row, or None when the index does not promise that."""
        if not self.unique or self.partial or not self.valid or None in self.columns:
            return None
        return frozenset(column for column in self.columns if column is not None)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key from its table's ``columns`` to ``referenced_columns`` (empty: the primary key's).

    ``referenced`` is the table's qualified name.
    """

    name: str
    columns: tuple[str, ...]
    referenced: Relation
    referenced_columns: tuple[str, ...] = ()
    validated: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint; ``not_null`` is the column when all it says is ``column IS NOT NULL``.

    ``expression`` is SQL, "" when unknown. PostgreSQL 18's NOT NULL constraint is here, too, as long as it is NOT
    VALID; its ``expression`` is ``NOT NULL column``. Children don't get one that says ``no_inherit``.
    """

    name: str
    expression: str
    validated: bool = True
    not_null: str | None = None
    no_inherit: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A relation that queries read.

    ``kind`` is ``table``, ``partitioned``, ``partition``, ``view``, ``matview`` or ``foreign``. ``complete`` says
    whether ``columns`` and the rest are all there is. ``rows`` and ``bytes`` (of the heap, its TOAST and indexes) are
    the server's estimates, None when unknown. ``parents`` are the tables it is a partition of or inherits from, by
    qualified names; ``has_children`` is true once another table has been such a child of it.
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
    parents: tuple[Relation, ...] = ()
    has_children: bool = False

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

    @property
    def named(self) -> tuple[tuple[ForeignKey, ...], tuple[Check, ...], tuple[Index, ...]]:
        """Its constraints and indexes."""
        return self.foreign_keys, self.checks, self.indexes

    @property
    def names(self) -> dict[str, bool]:
        """The names of its constraints and indexes, and whether they are an index's."""
        names = {key.name: False for key in self.foreign_keys}
        names.update((check.name, False) for check in self.checks)
        names.update((index.name, True) for index in self.indexes)
        return names


@dataclass(frozen=True, slots=True)
class Schema:
    """What is known of a database's tables, by qualified name.

    ``complete`` says whether a table that is not here does not exist (a catalog was read); in a schema known from
    migrations, what an extension or a hand made may be missing. ``types`` maps user-defined types to their kind:
    ``enum``, ``domain``, ``composite`` or ``range``. ``touched`` are the tables that came, went or changed since
    :meth:`untouched`, None when nobody noted it.
    """

    tables: Mapping[Relation, Table] = field(default_factory=dict)
    types: Mapping[Relation, str] = field(default_factory=dict)
    search_path: tuple[str, ...] = (DEFAULT_SCHEMA,)
    complete: bool = False
    touched: tuple[Relation, ...] | None = field(default=None, init=False, repr=False, compare=False)
    _holders: Holders | None = field(default=None, init=False, repr=False, compare=False)

    def qualified(self, name: Relation) -> Relation:
        """Return the name with the schema it is found in, or would be made in."""
        if name.schema is not None:
            return name
        for schema in (TEMPORARY_SCHEMA, *self.search_path):
            candidate = Relation(schema, name.name)
            if candidate in self.tables:
                return candidate
        return Relation(self.creation_schema, name.name)

    @property
    def creation_schema(self) -> str:
        """The schema in which an unqualified name is made."""
        return self.search_path[0] if self.search_path else DEFAULT_SCHEMA

    def table(self, name: Relation) -> Table | None:
        """Return the table a statement means by that name, or None when it isn't known."""
        return self.tables.get(self.qualified(name))

    def owner(self, index: Relation) -> Table | None:
        """Return the table whose index has that name; without a schema, the search path decides."""
        schemas = (TEMPORARY_SCHEMA, *self.search_path) if index.schema is None else (index.schema,)
        for schema in schemas:
            holder = self.holders.get(Relation(schema, index.name))
            table = None if holder is None else self.tables.get(holder)
            if table is not None and any(each.name == index.name for each in table.indexes):
                return table
        return None

    @property
    def holders(self) -> Holders:
        """The tables of indexes and constraints, by qualified names."""
        if self._holders is None:
            holders = Holders()
            for table in self.tables.values():
                holders = _noted(holders, None, table)
            object.__setattr__(self, "_holders", holders)
            return holders
        return self._holders

    @property
    def noted_holders(self) -> Holders | None:
        """The holders as they are known so far, None where nobody asked for them."""
        return self._holders

    def with_holders(self, holders: Holders) -> Schema:
        """Return the same schema, of which these are the holders."""
        return Schema(self.tables, self.types, self.search_path, self.complete)._noting(None, holders)

    def with_table(self, table: Table) -> Schema:
        """Return the schema with this table in place of any of its name."""
        return self.edited((table,))

    def without_tables(self, names: Iterable[Relation]) -> Schema:
        """Return the schema without these tables, given by qualified names."""
        return self.edited((), names)

    def edited(self, changed: Iterable[Table], gone: Iterable[Relation] = ()) -> Schema:
        """Return the schema without some tables, given by qualified names, and with others in place of their like."""
        tables, holders = dict(self.tables), self._holders
        edits: list[tuple[Relation, Table | None]] = [(name, None) for name in gone]
        edits += [(table.name, table) for table in changed]
        for name, new in edits:
            old = tables.get(name)
            if new is None:
                tables.pop(name, None)
            else:
                tables[name] = new
            holders = None if holders is None else _noted(holders, old, new)
        touched = None if self.touched is None else (*self.touched, *(name for name, _ in edits))
        return Schema(tables, self.types, self.search_path, self.complete)._noting(touched, holders)

    def untouched(self) -> Schema:
        """Return the same schema, from which on it is noted which tables are touched."""
        return Schema(self.tables, self.types, self.search_path, self.complete)._noting((), self._holders)

    def _noting(self, touched: tuple[Relation, ...] | None, holders: Holders | None) -> Schema:
        object.__setattr__(self, "touched", touched)
        object.__setattr__(self, "_holders", holders)
        return self


def _noted(holders: Holders, old: Table | None, new: Table | None) -> Holders:
    """Return what holds which name after one table has changed."""
    table = new or old
    if table is None or (old is not None and new is not None and old.named == new.named):
        return holders
    before, after = ({} if each is None else each.names for each in (old, new))
    schema = table.name.schema
    gone = [Relation(schema, name) for name in before if name not in after]
    held = {Relation(schema, name): index for name, index in after.items() if name not in before}
    return holders.changed(table.name, gone, held)


EMPTY = Schema()
