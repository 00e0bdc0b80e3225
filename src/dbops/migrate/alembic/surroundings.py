"""What tables stand on and Alembic does not compare: schemas and enums."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dbops.sql.quote import identifier, literal

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

Name = tuple[str | None, str]
"""Schema (None for the current one) and name."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The schemas by name, without the current one, and each enum's labels in order."""

    schemas: frozenset[str]
    enums: Mapping[Name, tuple[str, ...]]


@dataclass(slots=True)
class Steps:
    """Statements around those of the tables, in either direction; ``left_out`` is what can't be settled."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    before_down: list[str] = field(default_factory=list)
    after_down: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def make(self, sql: str, undo: str) -> None:
        """Add what is made before the tables, and unmade after them on the way down."""
        self.before.append(sql)
        self.after_down.insert(0, undo)

    def unmake(self, sql: str, undo: str) -> None:
        """Add what is dropped after the tables, and made again before them on the way down."""
        self.after.append(sql)
        self.before_down.insert(0, undo)


def of_database(connection: Connection, without: Collection[str]) -> Surroundings:
    """Return those of a database."""
    from sqlalchemy import inspect

    inspector: Any = inspect(connection)
    current = inspector.default_schema_name
    schemas = {name for name in inspector.get_schema_names() if name != "information_schema"} - {current, *without}
    enums = {
        (None if enum["schema"] == current else enum["schema"], enum["name"]): tuple(enum["labels"])
        for enum in inspector.get_enums(schema="*")
        if enum["schema"] not in without
    }
    return Surroundings(frozenset(schemas), enums)


def of_metadata(metadata: MetaData) -> Surroundings:
    """Return what models need: their tables' schemas, and the enums of their columns."""
    from sqlalchemy import Enum

    enums: dict[Name, tuple[str, ...]] = {}
    for table in metadata.tables.values():
        for column in table.columns:
            kind: Any = getattr(column.type, "item_type", column.type)
            if isinstance(kind, Enum) and kind.native_enum and kind.name:
                enums[kind.schema, kind.name] = tuple(kind.enums)
    schemas = {schema for table in metadata.tables.values() if (schema := table.schema)}
    return Surroundings(frozenset(schemas | {schema for schema, _ in enums if schema}), enums)


def steps(here: Surroundings, wanted: Surroundings, *, drops: bool) -> Steps:
    """Return what makes ``wanted`` of ``here``; what isn't wanted is dropped only with ``drops``."""
    made = Steps()
    for schema in sorted(wanted.schemas - here.schemas):
        made.make(*_schema(schema))
    for name, labels in sorted(wanted.enums.items(), key=_by_name):
        there = here.enums.get(name)
        if there is None:
            made.make(*_enum(name, labels))
        elif there != labels:
            made.left_out.append(f"type {spelt(name)} has the labels {', '.join(there)}, not {', '.join(labels)}")
    if drops:
        for name, labels in sorted(here.enums.items(), key=_by_name):
            if name not in wanted.enums:
                made.unmake(*reversed(_enum(name, labels)))
        for schema in sorted(here.schemas - wanted.schemas):
            made.unmake(*reversed(_schema(schema)))
    return made


def _schema(name: str) -> tuple[str, str]:
    return f"CREATE SCHEMA {identifier(name)}", f"DROP SCHEMA {identifier(name)}"


def _enum(name: Name, labels: tuple[str, ...]) -> tuple[str, str]:
    return f"CREATE TYPE {spelt(name)} AS ENUM ({', '.join(map(literal, labels))})", f"DROP TYPE {spelt(name)}"


def _by_name(item: tuple[Name, tuple[str, ...]]) -> tuple[str, str]:
    (schema, name), _ = item
    return schema or "", name


def spelt(name: Name) -> str:
    """Return a name as SQL spells it."""
    schema, own = name
    return identifier(own) if schema is None else f"{identifier(schema)}.{identifier(own)}"
