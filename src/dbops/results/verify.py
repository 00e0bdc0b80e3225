"""Results of ``dbops migrate verify``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbops.results.schema import Difference


class Outcome(StrEnum):
    """What became of a migration that was run up, down and up again."""

    RESTORED = "restored"
    """Down brought the schema back, and up made the same of it again; a repeatable one: it may be run again."""
    IRREVERSIBLE = "irreversible"
    """It has no down."""
    NOT_REAPPLICABLE = "not_reapplicable"
    """Down brought the schema back, and up fails on it, or makes something else of it."""
    NOT_RESTORED = "not_restored"
    """Down ran, and left another schema than there was before."""
    DOWN_FAILED = "down_failed"
    UP_FAILED = "up_failed"


BAD_OUTCOMES = frozenset(Outcome) - {Outcome.RESTORED, Outcome.IRREVERSIBLE}


@dataclass(frozen=True, slots=True)
class ToldDifference(Difference):
    """A difference with its ``text`` for people."""

    text: str


@dataclass(frozen=True, slots=True)
class VerifiedMigration:
    """One migration. Times are in milliseconds, None when that direction did not run to its end.

    ``error`` is what a direction failed with, and ``file`` where the migration stands. ``notes`` say which tables and
    columns that were made go with down; only verified with rows are there any. ``rows_stop_up`` says that up fails
    where tables have rows, so that only the schema is known to be restored.
    """

    version: str
    name: str
    result: Outcome
    differences: tuple[ToldDifference, ...]
    up_ms: float | None
    down_ms: float | None
    error: str | None
    notes: tuple[str, ...]
    rows_stop_up: bool
    file: str


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The migrations that were verified, in order.

    ``not_run`` are the versions behind one whose up failed; ``scratch`` says in words where all was run, ``unsure``
    what could not be tried, and of which migrations.
    """

    migrations: tuple[VerifiedMigration, ...]
    not_run: tuple[str, ...]
    scratch: str
    as_superuser: bool
    warnings: tuple[str, ...]
    unsure: tuple[str, ...]

    def count(self, outcome: Outcome) -> int:
        """Return how many have this outcome."""
        return sum(migration.result is outcome for migration in self.migrations)

    @property
    def is_bad(self) -> bool:
        """Say whether any is worse than irreversible, or was not run."""
        return bool(self.not_run) or any(migration.result in BAD_OUTCOMES for migration in self.migrations)
