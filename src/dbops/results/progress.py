"""What a running migration reports while it runs. The command line draws it, a library user may log it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbops.results.target import Target

if TYPE_CHECKING:
    from dbops.results.fanout import Tenant
    from dbops.results.verify import VerifiedMigration


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is in the way; what the role may not see is ``None``. ``age_s`` is that of its transaction."""

    pid: int
    application: str | None
    user: str | None
    state: str | None
    age_s: float | None

    def __str__(self) -> str:
        """Return pid, application, what it is doing and for how long: ``pid 8812 "reports", active 14 min``."""
        who = f"pid {self.pid}" + (f' "{self.application}"' if self.application else "")
        if self.age_s is None:
            return f"{who}, {self.state or 'state unknown'}"
        return f"{who}, {self.state or 'state unknown'} {duration(self.age_s)}"


def duration(seconds: float) -> str:
    """Return a length of time for reading: ``12 ms``, ``3.4 s``, ``4 m 11 s``, ``2 h 5 m``."""
    # The bounds are where rounding would reach the next unit: 59.7 s is 1 m 0 s, not 60 s.
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest} s"
    return f"{minutes // 60} h {minutes % 60} m"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; each kind is a subclass."""


@dataclass(frozen=True, slots=True)
class TargetKnown(Event):
    """The connection stands; ``pending`` is how many migrations are to be run, ``None`` while unknown."""

    target: Target
    run_id: str
    pending: int | None


@dataclass(frozen=True, slots=True)
class Waiting(Event):
    """Waiting for a server that is still starting (``what="server"``) or for another runner (``"runner"``)."""

    what: str
    waited_s: float
    bound_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """Something the user should know, which stops nothing."""

    message: str


@dataclass(frozen=True, slots=True)
class MigrationStarted(Event):
    """A migration begins."""

    version: str
    name: str
    direction: str
    transactional: bool


@dataclass(frozen=True, slots=True)
class MigrationDone(Event):
    """A migration is applied (or reverted) and committed; ``journalled`` as of one that is planned."""

    version: str
    name: str
    direction: str
    execution_ms: int
    transactional: bool
    retries: int
    journalled: bool = True


@dataclass(frozen=True, slots=True)
class MigrationRetried(Event):
    """A migration was rolled back (``reason``: a lock timeout or a deadlock) and is tried again after ``pause_s``."""

    version: str
    name: str
    attempt: int
    attempts: int
    pause_s: float
    reason: str
    blockers: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class MigrationFailed(Event):
    """A migration failed; ``left`` says in words what it left behind."""

    version: str
    name: str
    direction: str
    code: str
    message: str
    left: str


@dataclass(frozen=True, slots=True)
class StatementRunning(Event):
    """A statement runs for more than a moment.

    ``progress`` is PostgreSQL's own of an index build, in words with a percentage where there is one; ``blockers``
    are the sessions it waits for.
    """

    version: str
    name: str
    statement: int
    statements: int
    running_s: float
    progress: str | None
    blockers: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class StatementSkipped(Event):
    """A statement of an interrupted migration is not run again, and why."""

    version: str
    name: str
    statement: int
    reason: str


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """A message of the server (RAISE NOTICE); it may hold row values."""

    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class QueryRunning(Event):
    """A query that is explained, or a step around it (``what``), takes more than a moment; ``bound_s`` may be None."""

    what: str
    running_s: float
    bound_s: float | None


@dataclass(frozen=True, slots=True)
class NodesAsked(Event):
    """``answered`` of ``asked`` nodes of a cluster have answered; the others have until ``bound_s``."""

    asked: int
    answered: int
    running_s: float
    bound_s: float


@dataclass(frozen=True, slots=True)
class TenantEnded(Event):
    """A tenant is done or failed; ``ended`` of ``tenants`` are by now."""

    tenant: Tenant
    ended: int
    tenants: int


@dataclass(frozen=True, slots=True)
class ScratchReady(Event):
    """The scratch server stands, and so many migrations will be run there, so many of them verified."""

    where: str
    migrations: int
    verified: int


@dataclass(frozen=True, slots=True)
class Verified(Event):
    """A migration was verified; ``done`` of ``total`` are by now."""

    migration: VerifiedMigration
    done: int
    total: int
