"""Running planned scripts one after the other, and saying exactly what stands when one fails."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from typing import NoReturn

from dbops.errors import ConnectionFailed, DbopsError, Interrupted, MigrationFailed
from dbops.files.migration import Migration
from dbops.migrate import aftermath, journal, transaction
from dbops.migrate.alembic.revision import Revision
from dbops.migrate.record import APPLIED, Record
from dbops.migrate.script import UP, Script
from dbops.migrate.watch import check_duration, check_lock
from dbops.migrate.workplace import Workplace
from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, ConnectionLost, ServerError
from dbops.results.migration import RunMigration
from dbops.results.progress import MigrationDone, MigrationStarted
from dbops.results.progress import MigrationFailed as Failed


class Runner:
    """Runs one command's migrations in one direction; ``done`` grows as they are committed."""

    def __init__(self, place: Workplace, direction: str, action: str) -> None:
        self._place = place
        self._direction = direction
        self._action = action
        self.done: list[RunMigration] = []

    def run(self, scripts: Sequence[Script], record: Record) -> None:
        """Run the scripts in order. What stops it carries, in its context, what was done, failed and is pending."""
        for index, script in enumerate(scripts):
            try:
                self._between()
                ran = self._run_one(script, record)
            except DbopsError as error:
                self._explain(error, scripts[index:])
                raise
            if ran is not None:
                self._done(ran, script)

    def _between(self) -> None:
        self._place.interrupt.check()
        check_duration(self._place)
        check_lock(self._place)

    def _done(self, ran: RunMigration, script: Script) -> None:
        self.done.append(ran)
        journalled = not isinstance(script.migration, Revision)
        done = (ran.version, ran.name, self._direction, ran.execution_ms, ran.transactional, ran.retries, journalled)
        self._place.options.emit(MigrationDone(*done))

    def _run_one(self, script: Script, record: Record) -> RunMigration | None:
        place, migration = self._place, script.migration
        row = record.row(migration.key)
        if row is not None and row.state != APPLIED:
            script = replace(script, transactional=False)  # what was begun statement by statement is finished so
        place.options.emit(MigrationStarted(migration.version, migration.name, self._direction, script.transactional))
        try:
            if isinstance(migration, Revision):
                from dbops.migrate.alembic.run import run

                ran = run(place, script, migration, self._action)
            elif script.transactional:
                ran = transaction.run(place, script, self._action)
            else:
                ran = journal.run(place, script, record, self._action)
            if ran is None:
                self._require_settled(migration)
        except DbopsError as error:
            self._failed(script, error, aftermath.left_behind(script, error))
            raise
        except ServerError as error:
            failure = self._own(migration, error)
            self._failed(script, failure, aftermath.left_behind(script, failure))
            raise failure from None
        except ConnectionLost as lost:
            self._lost(script, lost)
        return ran

    def _require_settled(self, migration: Migration) -> None:
        """Make sure that what somebody else did meanwhile is done: an orphan's journal may only just have begun."""
        record = self._place.read_history()
        row = record.row(migration.key)
        if record.has(migration) if self._direction == UP else row is None:
            return
        raise MigrationFailed(
            f"{migration.label}: another session began it meanwhile, and has not finished it",
            hint="run it again: that waits for the other session, or resumes what it left",
            details=[{"field": "version", "error": row.state if row else "gone", "version": migration.version}],
            retryable=True,
        )

    def _own(self, migration: Migration, error: ServerError) -> DbopsError:
        """Return the failure of a statement of dbops's own: a right is missing, or the history was changed under us."""
        if error.sqlstate == INSUFFICIENT_PRIVILEGE:
            return self._place.history.denied(error.report.message)
        return MigrationFailed(
            f"{migration.label}: the history can't be written: {error.report.message}",
            hint="look at the tables of the history's schema, then run it again",
            details=[{"field": "history", "error": error.report.message, "sqlstate": error.sqlstate}],
        )

    def _lost(self, script: Script, lost: ConnectionLost) -> NoReturn:
        """Find out what became of a migration whose connection broke, and raise an error that says so."""
        fate = aftermath.look(self._place, script)
        cause = lost.__cause__
        if isinstance(cause, DbopsError):
            cause.message = f"{cause.message}; {fate.words}"
            failure: DbopsError = cause
        else:
            failure = ConnectionFailed(
                f"{script.migration.label}: the connection was lost: {lost}; {fate.words}",
                hint="check the server, then `dbops migrate status`; running it again is safe",
                details=[{"field": "dsn", "error": str(lost)}],
                retryable=True,
            )
        failure.context["outcome"] = fate.outcome
        if fate.finished is not None:
            self._done(fate.finished, script)
        else:
            self._failed(script, failure, fate.words, log=fate.reached)
        raise failure from None

    def _failed(self, script: Script, error: DbopsError, left: str, *, log: bool = True) -> None:
        """Report the failure, and write it into the log as well as that still can be done."""
        place, migration = self._place, script.migration
        error.context.setdefault("left", left)
        place.options.emit(Failed(migration.version, migration.name, self._direction, error.code, error.message, left))
        if not log:
            return
        sqlstate = next((str(detail["sqlstate"]) for detail in error.details if "sqlstate" in detail), None)
        entry = place.history.log(
            self._action,
            "failed",
            version=migration.version,
            name=migration.name,
            checksum=migration.checksum,
            error_code=error.code,
            sqlstate=sqlstate,
            error=error.message,
        )
        with suppress(DbopsError, ServerError, ConnectionLost):
            if place.worker.closed:
                if not isinstance(error, Interrupted):
                    aftermath.write(place, entry)
            else:
                place.history.write(place.worker, entry)

    def _explain(self, error: DbopsError, rest: Sequence[Script]) -> None:
        """Put into the error what the contract of the JSON promises of a failed run."""
        first = rest[0].migration
        key = "applied" if self._direction == "up" else "reverted"
        done = {migration.version for migration in self.done}
        error.context |= {
            key: [asdict(migration) for migration in self.done],
            "failed": {"version": first.version, "name": first.name} if "left" in error.context else None,
            "pending": [version for script in rest if (version := script.migration.version) not in done],
            "run_id": self._place.run_id,
        }
