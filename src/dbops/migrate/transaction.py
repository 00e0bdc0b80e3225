"""A transactional migration: its row, its SQL and its log entry in one message, tried again when a lock is held."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbops.errors import DbopsError
from dbops.migrate import limits
from dbops.migrate.failure import failed, lock_timeout
from dbops.migrate.record import APPLIED
from dbops.migrate.script import UP, Script
from dbops.migrate.watch import Watch, check_duration, check_lock
from dbops.migrate.workplace import Workplace
from dbops.postgres.errors import (
    DEADLOCK_DETECTED,
    DIVISION_BY_ZERO,
    LOCK_NOT_AVAILABLE,
    UNIQUE_VIOLATION,
    ServerError,
)
from dbops.results.migration import RunMigration
from dbops.results.progress import MigrationRetried
from dbops.sql.quote import identifier, literal
from dbops.sql.split import Statement

if TYPE_CHECKING:
    from dbops.postgres.session import Result

_FIRST_PAUSE = 2.5
_LONGEST_PAUSE = 30.0
_SHORTEST_TICK = 0.1
RETRIED = {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}
"""The errors after which a transaction is tried again."""
_MEANWHILE = {UNIQUE_VIOLATION, DIVISION_BY_ZERO}

_RESET = "RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL;DISCARD TEMP;CLOSE ALL;UNLISTEN *"
_RESET_OWN = "DEALLOCATE ALL;SELECT pg_catalog.pg_advisory_unlock_all()"


@dataclass(frozen=True, slots=True)
class _Message:
    """One simple-query message.

    ``row`` is the index of the statement on a row of the history, ``before`` how many statements come before the
    script's, ``committed`` how many have finished once COMMIT has; ``origin`` is where in ``text`` the script's
    character 0 stands (or would stand); ``undo`` cleans up a failure.
    """

    text: str
    row: int
    before: int
    committed: int
    origin: int
    statements: tuple[Statement, ...]
    undo: str


def run(place: Workplace, script: Script, action: str) -> RunMigration | None:
    """Run a script in one transaction. Returns None when somebody else did so meanwhile.

    Raises LockTimeout, MigrationFailed, NotPrimary, ConnectionFailed or Interrupted when it was rolled back, and
    ConnectionLost when its end was not seen.
    """
    message = _whole(place, script, action)
    ran = _attempt(place, script, message)
    if ran is None:
        return None
    results, retries = ran
    recorded = results[message.committed - 2]
    milliseconds = int(recorded.get_value(0, 0) or b"0")
    migration = script.migration
    return RunMigration(migration.version, migration.name, milliseconds, transactional=True, retries=retries)


def run_statement(place: Workplace, script: Script, statement: Statement, entry: str) -> int | None:
    """Run one statement in one transaction with ``entry``, which is written first.

    Returns the number of retries, or None when the entry is there already. Raises as :func:`run` does.
    """
    # The statement's role is the session's, which earlier statements of the file may have changed; the entry's isn't.
    first = [*_opening(place), _KEEP_ROLE, *place.history.taking_role(), entry]
    before = [*first, *_TAKE_ROLE_BACK]
    head = ";".join(before) + ";"
    text = f"{head}{statement.text}\n;COMMIT"
    message = _Message(
        text,
        len(first) - 1,
        len(before),
        len(before) + 2,
        len(head) - statement.start,
        (statement,),
        "ROLLBACK",
    )
    ran = _attempt(place, script, message)
    return None if ran is None else ran[1]


_KEEP_ROLE = (
    "SELECT pg_catalog.set_config('dbops.role', pg_catalog.current_setting('role'), true), "
    "pg_catalog.set_config('dbops.authorization', pg_catalog.current_setting('session_authorization'), true)"
)
_TAKE_ROLE_BACK = [
    "SELECT pg_catalog.set_config('session_authorization', pg_catalog.current_setting('dbops.authorization'), true)",
    "SELECT pg_catalog.set_config('role', pg_catalog.current_setting('dbops.role'), true)",
]


def reset(place: Workplace) -> str:
    """Return what DISCARD ALL does, statement by statement: DISCARD ALL can't share a message.

    A file's empty search_path (every pg_dump has one) must not reach the next file. Cached plans stay, and behind a
    pooler what may be other clients' on the same server connection: their prepared statements and advisory locks.
    """
    if not place.target.pooled:
        return ";".join([_RESET, _RESET_OWN, *limits.idle(place.worker_facts.settings)])
    # RESET ALL gave the pooler's name back; it is by ours that the watcher finds the worker.
    return f"{_RESET};SET application_name = {literal(place.application)}"


def _opening(place: Workplace) -> list[str]:
    settings = limits.transactional(place.options, place.worker_facts.settings, checks_client=place.checks_client)
    return ["BEGIN ISOLATION LEVEL READ COMMITTED", *settings]


def _as_role(place: Workplace) -> list[str]:
    role = place.options.role
    return [f"SET LOCAL ROLE {identifier(role)}"] if role else []


def _whole(place: Workplace, script: Script, action: str) -> _Message:
    history = place.history
    if script.direction == UP:
        row = history.begin_up(script.migration, APPLIED, transactional=True)
    else:
        row = history.render("begin_down", version=script.migration.version)
    first = [*_opening(place), *_as_role(place), row]
    finish = history.finish(script.migration, script.direction, action)
    last = ["RESET SESSION AUTHORIZATION", "RESET ROLE", *_as_role(place), *finish, "COMMIT"]
    head = ";".join(first) + ";"
    text = head + script.sql + "\n;" + ";".join([*last, reset(place)])
    before = len(first)
    committed = before + len(script.statements) + len(last)
    return _Message(text, before - 1, before, committed, len(head), script.statements, f"ROLLBACK;{reset(place)}")


def _attempt(place: Workplace, script: Script, message: _Message) -> tuple[list[Result], int] | None:
    """Send the message until it succeeds, fails for good, or finds its row taken; return results and retries."""
    options = place.options
    started = time.monotonic()
    watch = Watch(place, script.migration, 0, len(script.statements))
    every = min(max(options.lock_timeout / 3 or 1.0, _SHORTEST_TICK), 1.0)
    for attempt in itertools.count(1):
        try:
            return place.worker.run(message.text, bound=None, tick=watch, every=every, heed=True), attempt - 1
        except ServerError as error:
            place.worker.run(message.undo)
            if error.completed >= message.committed:  # what failed is the session's reset, done now
                return error.results, attempt - 1
            if error.completed == message.row and error.sqlstate in _MEANWHILE:
                return None
            place.interrupt.check()
            if error.sqlstate not in RETRIED or attempt > options.retries:
                seconds = time.monotonic() - started
                raise _explained(place, script, message, error, attempt, seconds, watch) from None
            pause(place, script, attempt, error, watch)
        except DbopsError as stop:
            if not place.worker.closed:
                place.worker.run(message.undo)
            cause = stop.__cause__
            if isinstance(cause, ServerError) and cause.completed >= message.committed:
                return cause.results, attempt - 1  # it came too late; the reason to stop is still where it was
            raise
    raise AssertionError("the loop has no end")


def pause(place: Workplace, script: Script, attempt: int, error: ServerError, watch: Watch) -> None:
    """Wait before a script is tried again, and say so; raises what ends the run meanwhile."""
    check_duration(place)
    pause = min(_FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311
    pause = min(pause, place.remaining)
    place.options.emit(
        MigrationRetried(
            script.migration.version,
            script.migration.name,
            attempt,
            place.options.retries + 1,
            pause,
            error.report.message,
            watch.blockers,
        )
    )
    place.interrupt.sleep(pause)
    check_duration(place)
    check_lock(place)


def _explained(
    place: Workplace,
    script: Script,
    message: _Message,
    error: ServerError,
    attempts: int,
    seconds: float,
    watch: Watch,
) -> DbopsError | ServerError:
    """Return the script's error as a person needs it; one of a statement of dbops's own as it is."""
    if error.sqlstate == LOCK_NOT_AVAILABLE:
        return lock_timeout(script, attempts, seconds, watch.blockers, error.report)
    index = error.completed - message.before
    statement = message.statements[index] if 0 <= index < len(message.statements) else None
    offset = None if error.report.position is None else error.report.position - 1 - message.origin
    if statement is None and offset is not None and 0 <= offset < len(script.sql):
        # A syntax error ends the whole message before its first statement: only the position tells which it was.
        statement = script.statement_at(offset)
    if statement is None and error.completed != message.committed - 1:
        return error
    return failed(script, error.report, statement, offset, show_data=place.options.show_data)
