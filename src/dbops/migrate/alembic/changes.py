"""The SQL, up and down, that takes a database's schema to another one, by Alembic's comparison."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dbops.migrate.alembic import column_types
from dbops.migrate.alembic.constraints import Operations, operations
from dbops.migrate.alembic.engine import engine_over
from dbops.migrate.alembic.failures import comparing, said
from dbops.migrate.alembic.foreign_keys import apart
from dbops.migrate.alembic.surroundings import Name, of_database, of_metadata, spelt, steps
from dbops.migrate.alembic.writer import NAMED, Writer
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.sql.alike import alike

if TYPE_CHECKING:
    from alembic.operations.ops import MigrateOperation, OpContainer, UpgradeOps
    from sqlalchemy import Column, Connection, MetaData

_MEMBER = "extension"
VERSION_TABLE = "alembic_version"
_OPENING = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", "SET LOCAL lock_timeout = '5s'")
_TYPE = re.compile(r"(CREATE|DROP) TYPE\b")
_CIRCLE = "Cannot correctly sort tables"
"""SQLAlchemy's warning of foreign keys in a circle; they are made apart."""
_CAST = re.compile(r"::[a-z_][\w .\"]*(\(\d+(,\s*\d+)?\))?(\[\])*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL for PostgreSQL; both directions are empty when nothing differs.

    ``left_out`` are differences that the SQL does not settle, and what could not be compared, in words.
    """

    up: str
    down: str
    left_out: tuple[str, ...]


def changes(
    target: Session,
    wanted: MetaData | Session,
    *,
    without: Collection[str] = ("dbops",),
    version_table: str = VERSION_TABLE,
) -> Rendered:
    """Return what takes the schema of ``target`` to that of ``wanted`` (another database, or models), and back.

    Both databases are only read. Left aside are the schemas ``without``, Alembic's version table, the members of
    extensions, and with models the schemas that they don't name. Raises ServerError, ConnectionLost, MigrationFailed.
    """
    with ExitStack() as stack:
        noted = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        stack.enter_context(comparing())
        aside = _aside(target)
        here = stack.enter_context(_connection(target))
        known = of_database(here, without)
        if isinstance(wanted, Session):
            aside |= _aside(wanted)
            there = stack.enter_context(_connection(wanted))
            looked_for = of_database(there, without)
            metadata = _reflected(there, looked_for.schemas)
            schemas = looked_for.schemas | known.schemas
        else:
            metadata, looked_for = wanted, of_metadata(wanted)
            schemas = looked_for.schemas
        around = steps(known, looked_for, drops=isinstance(wanted, Session))
        reflected = _reflected(here, schemas)
        keys = operations(reflected, metadata, exact=isinstance(wanted, Session))
        tables = _compared(here, metadata, _Filter(schemas, version_table, aside))
        by_hand = column_types.leave_out(tables, reflected, metadata)
        _place(tables, keys)
        apart(tables)
        up, left = _rendered(tables)
        down, left_down = _rendered(tables.reverse())
    others = [f"{why} {spelt(name)} is not compared" for name, why in sorted(aside.items(), key=str) if why != _MEMBER]
    return Rendered(
        _text([*around.before, *up, *around.after]),
        _text([*around.before_down, *down, *around.after_down]),
        tuple(
            dict.fromkeys([*_skipped(noted), *around.left_out, *keys.left_out, *by_hand, *left, *left_down, *others])
        ),
    )


def _skipped(noted: Iterable[warnings.WarningMessage]) -> Iterator[str]:
    """Yield what SQLAlchemy could not read and passed by: a type it doesn't know, an index on an expression."""
    from sqlalchemy.exc import SAWarning

    found = (str(each.message) for each in noted if issubclass(each.category, SAWarning))
    yield from (each for each in found if _CIRCLE not in each)


def _aside(session: Session) -> dict[Name, str]:
    """Return the relations that the comparison would get wrong, and why."""
    return {(each["schema"], each["name"]): each["why"] for each in session.json(render("alembic/aside"))}


@contextmanager
def _connection(session: Session) -> Iterator[Connection]:
    with engine_over(session, opening=_OPENING) as (engine, _), engine.connect() as connection:
        yield connection


def _reflected(connection: Connection, schemas: Iterable[str]) -> MetaData:
    from alembic.migration import MigrationContext
    from sqlalchemy import MetaData, event

    metadata = MetaData()
    # As Alembic reads the other side: a SERIAL column is one, without the sequence that is made with it.
    impl: Any = MigrationContext.configure(connection).impl
    event.listen(metadata, "column_reflect", impl.autogen_column_reflect)
    for schema in (None, *sorted(schemas)):
        metadata.reflect(connection, schema=schema, resolve_fks=False)
    return metadata


@dataclass(frozen=True, slots=True)
class _Filter:
    """What Alembic's comparison is to look at; ``schemas`` without the current one."""

    schemas: frozenset[str]
    version_table: str
    aside: dict[Name, str]

    def name(self, name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
        """Say whether a schema or a table of the database is looked at."""
        if kind == "schema":
            return name is None or name in self.schemas
        return kind != "table" or self._table(parents.get("schema_name"), name)

    def object(self, thing: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
        """Say whether a table of either side is looked at."""
        return kind != "table" or self._table(thing.schema, name)

    def _table(self, schema: str | None, name: str | None) -> bool:
        return name != self.version_table and (schema, name) not in self.aside


def _compared(connection: Connection, metadata: MetaData, chosen: _Filter) -> UpgradeOps:
    from alembic.autogenerate import produce_migrations
    from alembic.migration import MigrationContext

    options = {
        "target_metadata": metadata,
        "compare_type": True,
        "compare_server_default": True,
        "include_schemas": True,
        "include_name": chosen.name,
        "include_object": chosen.object,
    }
    context = MigrationContext.configure(connection, opts=options)
    impl: Any = context.impl
    impl.compare_server_default = _default_differs
    script = produce_migrations(context, metadata)
    assert script.upgrade_ops is not None, "produce_migrations makes both directions"
    return script.upgrade_ops


def _place(tables: UpgradeOps, keys: Operations) -> None:
    """Put the keys' operations where they belong: behind whole tables, whose foreign keys may need them or be gone."""
    from alembic.operations.ops import CreateTableOp, DropTableOp

    whole = [index for index, each in enumerate(tables.ops) if isinstance(each, (CreateTableOp, DropTableOp))]
    at = max(whole, default=-1) + 1
    tables.ops[:] = [*tables.ops[:at], *keys.before, *tables.ops[at:], *keys.after]


def _default_differs(_there: Any, column: Any, wanted: str | None, there: str | None) -> bool:
    """Compare defaults by what they say: Alembic's own way has the server evaluate them, nextval() too."""
    if column.primary_key and column is column.table.autoincrement_column:  # SERIAL has its own
        return False
    if there is not None and wanted is not None and alike(f"SELECT {there}", f"SELECT {wanted}"):
        return False
    return _plain(there) != _plain(wanted)


def _plain(default: str | None) -> str | None:
    return None if default is None else _CAST.sub("", default).replace("''", "'").strip(" ()'").lower()


def _rendered(container: OpContainer) -> tuple[list[str], list[str]]:
    """Return the statements of the operations, and in words those that have none."""
    statements: list[str] = []
    left_out: list[str] = []
    for operation in _flat(container):
        try:
            statements += _statements(operation)
        except Exception as error:  # whatever Alembic can't write
            left_out.append(f"{_described(operation)}: {said(error)}")
    return statements, left_out


def _flat(container: OpContainer) -> Iterator[MigrateOperation]:
    from alembic.operations.ops import OpContainer

    for operation in container.ops:
        if isinstance(operation, OpContainer):
            yield from _flat(operation)
        else:
            yield operation


def _statements(operation: MigrateOperation) -> list[str]:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.operations.ops import AddColumnOp

    if isinstance(operation, AddColumnOp):
        operation = AddColumnOp(operation.table_name, _alone(operation.column), schema=operation.schema)
    written = Writer()
    options = {"as_sql": True, "output_buffer": written, "literal_binds": True}
    context = MigrationContext.configure(dialect_name="postgresql", dialect_opts=NAMED, opts=options)
    Operations(context).invoke(operation)
    # Enums are made and dropped around all tables: a table's own would come twice, a column's never.
    return [_trimmed(sql) for sql in written.statements if _TYPE.match(sql) is None]


def _alone(column: Column[Any]) -> Column[Any]:
    """Return a column without its keys, checks and index, which are operations of their own."""
    copied = column._copy()
    copied.index = copied.unique = None
    copied.primary_key = False
    copied.constraints.clear()
    copied.foreign_keys.clear()
    return copied


def _trimmed(sql: str) -> str:
    """Return a statement without the blanks that SQLAlchemy leaves at line ends; literals stay.

    Nor with what goes without saying and servers before 15 don't know.
    """
    parts = sql.split("'")
    parts[::2] = [part.replace(", \n", ",\n").replace(" NULLS DISTINCT", "") for part in parts[::2]]
    return "'".join(parts)


def _described(operation: MigrateOperation) -> str:
    names = [
        getattr(operation, name, None) for name in ("table_name", "source_table", "column_name", "constraint_name")
    ]
    return " ".join([type(operation).__name__.removesuffix("Op"), *(str(name) for name in names if name)])


def _text(statements: Sequence[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)
