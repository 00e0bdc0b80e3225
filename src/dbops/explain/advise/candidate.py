"""A candidate index as a value. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dbops.lint.queries.written import name as quoted
from dbops.sql.nodes import Relation

_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an index: a column by ``column``, or another ``expression`` (SQL; then ``column`` is None).

    ``descending`` and ``nulls_first`` are as in ORDER BY: NULLs come last going up and first going down unless said
    otherwise. ``opclass`` is named only where it is not the type's own.
    """

    expression: str
    column: str | None
    descending: bool = False
    nulls_first: bool | None = None
    opclass: str | None = None

    @property
    def sql(self) -> str:
        """The key as CREATE INDEX has it."""
        words = [self.expression if self.column is not None else f"({self.expression})"]
        words += [self.opclass] if self.opclass else []
        words += ["DESC"] if self.descending else []
        if self.nulls_first is not None and self.nulls_first != self.descending:
            words.append("NULLS FIRST" if self.nulls_first else "NULLS LAST")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An index one could make.

    ``table`` is qualified. ``predicate`` is SQL. ``requires`` are statements to run before, such as CREATE EXTENSION.
    """

    table: Relation
    keys: tuple[Key, ...]
    include: tuple[str, ...] = ()
    predicate: str | None = None
    method: str = "btree"
    requires: tuple[str, ...] = ()

    @property
    def definition(self) -> str:
        """What stands behind CREATE INDEX name ON: the table, the keys and the rest."""
        method = "" if self.method == "btree" else f" USING {self.method}"
        text = f"{self._table}{method} ({', '.join(key.sql for key in self.keys)})"
        if self.include:
            text += f" INCLUDE ({', '.join(map(quoted, self.include))})"
        return text + (f" WHERE {self.predicate}" if self.predicate else "")

    @property
    def _table(self) -> str:
        return quoted(self.table.schema or "", self.table.name)

    @property
    def name(self) -> str:
        """A name that tells what is indexed; one that would be too long or say too little ends with a digest."""
        parts = [self.table.name, *(key.column or "expr" for key in self.keys)]
        name = "_".join(parts)
        told = all(key.column for key in self.keys) and not (self.include or self.predicate or self.method != "btree")
        if told and len(name.encode()) <= _LONGEST_NAME - 4:
            return f"{name}_idx"
        digest = hashlib.sha256(self.definition.encode()).hexdigest()[:6]
        while len(name.encode()) > _LONGEST_NAME - 7:
            name = name[:-1]
        return f"{name}_{digest}"

    def create(self, *, concurrently: bool = True, name: str | None = None, only: bool = False) -> str:
        """Return CREATE INDEX, without a semicolon; ``only`` leaves a partitioned table's partitions out."""
        word = "CONCURRENTLY " if concurrently else ""
        return f"CREATE INDEX {word}{quoted(name or self.name)} ON {'ONLY ' if only else ''}{self.definition}"

    def drop(self, *, concurrently: bool = True, name: str | None = None) -> str:
        """Return DROP INDEX, without a semicolon."""
        word = "CONCURRENTLY " if concurrently else ""
        return f"DROP INDEX {word}{quoted(self.table.schema or '', name or self.name)}"
