"""The history as a value: what is applied, what is half done, what failed last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dbops.files.migration import Key, Migration, version_key

APPLIED = "applied"
APPLYING = "applying"
REVERTING = "reverting"


@dataclass(frozen=True, slots=True)
class Applied:
    """A row of ``schema_migrations``; ``execution_ms`` is None for one that was marked, ``applied_at`` is ISO 8601.

    Both are None for an Alembic revision that another program applied.
    """

    version: str
    name: str
    checksum: str
    state: str
    applied_at: str | None
    execution_ms: int | None
    transactional: bool

    @property
    def key(self) -> Key:
        """Return what versions are ordered by."""
        return version_key(self.version)


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of an unfinished non-transactional migration.

    ``step`` counts from 0; ``state`` is running, failed or done; ``target_existed`` says that the index to be
    created was there before, so that what is there now isn't the step's doing.
    """

    version: str
    direction: str
    step: int
    statement_hash: str
    state: str
    backend_pid: int
    backend_start: str | None
    target_existed: bool | None

    @property
    def done(self) -> bool:
        """Say whether the statement is known to have finished."""
        return self.state == "done"


@dataclass(frozen=True, slots=True)
class Failure:
    """The last thing the log has of a version, when that was a failure."""

    version: str
    at: str
    action: str
    error_code: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """All of it; ``rows`` are in the order they were applied. ``exists`` is False before the first migration."""

    rows: tuple[Applied, ...] = ()
    steps: tuple[Step, ...] = ()
    failures: Mapping[Key, Failure] = field(default_factory=dict)
    exists: bool = True

    def row(self, key: Key) -> Applied | None:
        """Return the row of the version with this key."""
        return next((row for row in self.rows if row.key == key), None)

    def has(self, migration: Migration) -> bool:
        """Say whether it is applied, a repeatable one as its file is now."""
        row = self.row(migration.key)
        if row is None or row.state != APPLIED:
            return False
        return not migration.repeatable or row.checksum == migration.checksum

    def steps_of(self, key: Key, direction: str) -> dict[int, Step]:
        """Return the journal of a version in one direction, by step."""
        return {
            step.step: step for step in self.steps if step.direction == direction and version_key(step.version) == key
        }
