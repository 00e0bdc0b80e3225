"""A SQL text that is to be linted, and what is known of how it will be run. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, pairwise

from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema
from dbops.sql import locks
from dbops.sql.lock_modes import Lock, Mode
from dbops.sql.nodes import Relation
from dbops.sql.offsets import Offsets
from dbops.sql.split import Statement
from dbops.sql.transactions import control


class Origin(StrEnum):
    """Where a script comes from, which decides how it is run."""

    SQL = "sql"
    """A file or stdin: it has the transactions it writes itself."""
    MIGRATION = "migration"
    """One direction of a file in a folder of migrations: dbops runs it."""
    PYTHON = "python"
    """A string in a program."""


_KEPT = 1000
"""Schemas of a script: each holds a reference to every table, which for a dump of a database would be gigabytes."""


@dataclass(frozen=True)
class Script:
    """``sql`` is what is analysed; ``offsets`` lead from it to the text of the file ``path``.

    ``transactional`` is what whoever runs it does: True for one transaction around everything, False for none, None
    when the text's own BEGIN and COMMIT decide; ``insists`` says that the file asks for the one transaction.
    ``bounded`` says that the runner sets lock_timeout itself. ``first_line`` is the file's line that ``sql`` begins in.
    Where a program writes it, ``lines`` are the characters of ``sql`` from which on it comes from a line of the file.
    ``schema`` is what is known before the first statement, ``pg_version`` the server's major version. A down has in
    ``base`` the schema before its up: what is not in there was made by that up, and undoing it is the down's task.
    ``partial`` are the indexes of statements in which a program may put clauses or conditions that nobody knows here:
    what such a statement lacks, as a WHERE or a LIMIT, it may yet get. ``mendable`` is False where the text may be used
    elsewhere as well, so that an edit would change more than this script. ``holes`` are the words that stand for what
    only a program or a run knows, each with what is shown in its place.
    """

    path: str
    sql: str
    statements: tuple[Statement, ...]
    offsets: Offsets
    origin: Origin = Origin.SQL
    direction: str | None = None
    transactional: bool | None = None
    insists: bool = False
    bounded: bool = False
    schema: Schema = field(default=EMPTY, repr=False)
    pg_version: int = 18
    base: Schema | None = field(default=None, repr=False)
    first_line: int = 1
    lines: tuple[tuple[int, int], ...] = ()
    partial: frozenset[int] = frozenset()
    mendable: bool = True
    holes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def locks(self) -> tuple[tuple[Lock, ...], ...]:
        """The locks of each statement, the strongest first."""
        return tuple(locks.taken(statement.node).locks for statement in self.statements)

    def schemas(self) -> Iterable[Schema]:
        """Return what is known before each statement, and after the last one; of a long script it is found anew."""
        return self._schemas if len(self.statements) <= _KEPT else self._folded()

    @cached_property
    def _schemas(self) -> tuple[Schema, ...]:
        return tuple(self._folded())

    def _folded(self) -> Iterator[Schema]:
        return accumulate((statement.node for statement in self.statements), fold, initial=self.schema)

    @cached_property
    def after(self) -> Schema:
        """What is known after the script has run."""
        return deque(self.schemas(), maxlen=1)[0]

    @cached_property
    def exclusive(self) -> tuple[int, ...]:
        """The indexes of the statements that take an ACCESS EXCLUSIVE lock."""
        return tuple(index for index, each in enumerate(self.locks) if each and each[0].mode is Mode.ACCESS_EXCLUSIVE)


@dataclass(frozen=True)
class State:
    """What holds just before a statement of a script.

    ``made`` are the relations that the script's earlier statements made, by qualified name, ``opened`` the index of
    the statement since which there is a transaction, None outside of one.
    """

    schema: Schema
    made: frozenset[Relation]
    opened: int | None


def states(script: Script) -> Iterator[tuple[Statement, State]]:
    """Yield each statement with what holds before it."""
    made = frozenset[Relation]()
    opened = 0 if script.transactional else None
    for statement, (schema, after) in zip(script.statements, pairwise(script.schemas()), strict=True):
        yield statement, State(schema, made, opened)
        if script.transactional is None:
            opened = _transaction(statement, opened)
        if after is not schema:
            made = _made(made, schema, after)


def _made(made: frozenset[Relation], before: Schema, after: Schema) -> frozenset[Relation]:
    """Return what the script has made after a statement, which led from one schema to another."""
    touched = {*before.tables, *after.tables} if after.touched is None else after.touched
    gone = {name for name in touched if name in before.tables and name not in after.tables}
    come = {name for name in touched if name in after.tables and name not in before.tables}
    if not (gone or come):
        return made
    renamed = not gone <= made  # what has a new name now was there before
    return made - gone if renamed else made - gone | come


def _transaction(statement: Statement, opened: int | None) -> int | None:
    match control(statement.node):
        case "BEGIN" | "START TRANSACTION":
            return statement.index + 1 if opened is None else opened
        case "COMMIT" | "ROLLBACK" | "PREPARE TRANSACTION":
            return None
    return opened
