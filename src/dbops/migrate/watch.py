"""What the watching session does while a statement runs: keeps the lock in sight, and sees what is in the way."""

from __future__ import annotations

from dbops.errors import ConnectionFailed, MigrationFailed
from dbops.files.migration import Migration
from dbops.migrate.workplace import Workplace
from dbops.postgres.activity import blockers, index_progress
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.results.progress import Session, StatementRunning, duration

PING_BOUND = 15.0
"""Seconds within which the watching session must answer; then the lock counts as lost."""
_LONG = 2.0


class Watch:
    """Called about once a second while the worker is busy; raises what must stop the statement."""

    def __init__(self, place: Workplace, migration: Migration, statement: int, statements: int) -> None:
        self._place = place
        self._migration = migration
        self._statement = statement
        self._statements = statements
        self.blockers: tuple[Session, ...] = ()

    def __call__(self, elapsed: float) -> None:
        """Ping, look, report. Raises ConnectionFailed (lock lost) or MigrationFailed (--max-duration)."""
        place = self._place
        check_duration(place)
        try:
            place.watcher.run("", bound=PING_BOUND)  # an empty message takes neither a snapshot nor a lock
        except (ConnectionLost, ServerError) as lost:
            raise lock_lost(str(lost)) from None
        check_lock(place)
        found, progress = self._look(elapsed)
        self.blockers = found or self.blockers
        if elapsed >= _LONG:
            place.options.emit(
                StatementRunning(
                    self._migration.version,
                    self._migration.name,
                    self._statement,
                    self._statements,
                    elapsed,
                    progress,
                    found,
                )
            )

    def _look(self, elapsed: float) -> tuple[tuple[Session, ...], str | None]:
        """Return who is in the way and how far the index build is; nothing when it can't be seen."""
        place = self._place
        looker = place.looker()
        if looker is None:
            return (), None
        pid = 0 if place.target.pooled else place.worker_facts.backend_pid
        try:
            found = blockers(looker, pid, place.application, bound=PING_BOUND)
            return found, index_progress(looker, pid) if elapsed >= _LONG else None
        except (ConnectionLost, ServerError):
            return (), None


def check_duration(place: Workplace) -> None:
    """Raise MigrationFailed when the run has taken longer than --max-duration."""
    bound = place.options.max_duration
    if bound and place.elapsed > bound:
        raise MigrationFailed(
            f"stopped: the run took longer than --max-duration {duration(bound)}",
            hint="what was under way was rolled back; run again to go on, with a longer --max-duration if need be",
            details=[{"field": "max_duration", "error": "exceeded"}],
            retryable=True,
        )


def check_lock(place: Workplace) -> None:
    """Raise ConnectionFailed when the watching connection or its transaction has ended, and the lock with it."""
    if place.watcher.lost():
        raise lock_lost("the server ended it")
    if not place.watcher.in_transaction:
        raise lock_lost("its transaction was ended")


def lock_lost(why: str) -> ConnectionFailed:
    """Return the error for a lost lock."""
    return ConnectionFailed(
        f"the connection that holds the runner lock was lost ({why}), so the work was stopped",
        hint="check the server, then run it again",
        details=[{"field": "lock", "error": why}],
        retryable=True,
    )
