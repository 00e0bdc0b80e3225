"""Results of ``dbops migrate``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dbops.results.target import Target

if TYPE_CHECKING:
    from dbops.results.trace import Trace, TracedStatement


class State(StrEnum):
    """Where a migration stands."""

    APPLIED = "applied"
    PENDING = "pending"
    MODIFIED = "modified"
    """Applied, and its file was edited since."""
    MISSING = "missing"
    """Applied, and its file is gone."""
    OUT_OF_ORDER = "out_of_order"
    """Pending, and older than an applied one."""
    FAILED = "failed"
    """Non-transactional and left half way; ``up`` or ``down`` resumes it."""
    DATABASE_AHEAD = "database_ahead"
    """Applied, without a file, and newer than every file: an older release is looking."""


TROUBLED = frozenset({State.MODIFIED, State.MISSING, State.OUT_OF_ORDER, State.FAILED})
"""States in which ``status`` is bad and ``up`` refuses (a failed one it resumes)."""


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """One migration; ``applied_at`` is ISO 8601, ``checksum`` that of the file, or of the history without a file."""

    version: str
    name: str
    state: State
    applied_at: str | None
    execution_ms: int | None
    checksum: str
    reversible: bool | None
    """``None`` is unknown: there is no file to look at."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StatusResult:
    """All migrations, in the order of their versions."""

    target: Target
    migrations: tuple[MigrationStatus, ...]
    applied: int
    pending: int
    running: str | None
    """The runner that holds the lock now, described."""


@dataclass(frozen=True, slots=True)
class RunMigration:
    """One migration that was run; ``retries`` counts the tries after the first."""

    version: str
    name: str
    execution_ms: int
    transactional: bool
    retries: int


@dataclass(frozen=True, slots=True)
class UpResult:
    """What ``up`` applied; ``pending`` are versions left by ``--to`` or ``--steps``."""

    target: Target
    run_id: str
    applied: tuple[RunMigration, ...]
    pending: tuple[str, ...]
    database_ahead: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DownResult:
    """What ``down`` reverted, the latest applied first."""

    target: Target
    run_id: str
    reverted: tuple[RunMigration, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedoResult:
    """What ``redo`` reverted and applied again."""

    target: Target
    run_id: str
    reverted: tuple[RunMigration, ...]
    applied: tuple[RunMigration, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """A statement as it would be run.

    ``sql`` has its passwords blanked; ``line`` is that of the file; ``lock`` is PostgreSQL's name of the strongest
    relation lock, ``None`` when it locks no existing relation, ``"unknown"`` when only running it could tell.
    """

    sql: str
    line: int
    transactional: bool
    lock: str | None
    relations: tuple[str, ...] = ()
    blocks: str | None = None
    """What the lock keeps others from, in words."""
    traced: TracedStatement | None = None
    """What it did on a copy; None where it was not run there."""


@dataclass(frozen=True, slots=True)
class PlannedMigration:
    """A migration as it would be run; ``statements_done`` is where an interrupted one would resume.

    ``journalled`` says whether it could resume, were it not transactional: what Alembic runs could not.
    """

    version: str
    name: str
    file: str
    transactional: bool
    statements_done: int
    statements: tuple[PlannedStatement, ...]
    journalled: bool = True


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The migrations that would be run, in that order; ``direction`` is ``up`` or ``down``.

    ``trace`` says how they were traced, None when nobody asked for it.
    """

    target: Target
    direction: str
    migrations: tuple[PlannedMigration, ...]
    warnings: tuple[str, ...]
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class HistoryChange:
    """One row of the history that was changed without running a migration."""

    version: str
    name: str
    change: str


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """What ``baseline``, ``mark`` or ``repair`` changed; nothing when ``changes`` is empty."""

    target: Target
    run_id: str
    action: str
    reason: str | None
    changes: tuple[HistoryChange, ...]


@dataclass(frozen=True, slots=True)
class NewResult:
    """The migration file ``new`` wrote."""

    path: str
    version: str
    name: str


@dataclass(frozen=True, slots=True)
class WrittenResult:
    """The migration that ``new`` wrote by comparing the target with ``origin``; without differences there is no file.

    ``up`` and ``down`` count statements; ``left_out`` are differences that the file does not settle, in words.
    """

    target: Target
    origin: str
    path: str | None
    version: str | None
    name: str
    up: int
    down: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportedMigration:
    """A migration that ``import`` wrote: ``version`` as it is now, ``was`` as the other tool has it."""

    was: str
    version: str
    sources: tuple[str, ...]
    path: str
    reversible: bool


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What ``import`` made of a folder in the order in which it is run; ``unused`` are SQL files that nothing came of.

    ``variables`` are the names that need a value when the migrations are run.
    """

    source: str
    directory: str
    format: str
    migrations: tuple[ImportedMigration, ...]
    unused: tuple[str, ...]
    variables: tuple[str, ...]
