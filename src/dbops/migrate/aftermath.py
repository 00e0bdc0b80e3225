"""After a failure: what a migration left behind, and, when the connection broke, what became of it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from dbops.errors import ChecksumMismatch, DbopsError
from dbops.migrate.record import APPLIED
from dbops.migrate.script import UP, Script
from dbops.migrate.workplace import Workplace
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.results.migration import RunMigration

_PATIENCE = 3.0
"""Seconds in which a backend that was ended has rolled back; one that is still there then is working."""
_UNKNOWN = "whether it was committed can't be seen now: ask `dbops migrate status`"


@dataclass(frozen=True, slots=True)
class Fate:
    """``outcome`` is finished, rolled_back, half_way, running or unknown; ``words`` say it to a person.

    ``reached`` says whether the server could be asked.
    """

    outcome: str
    words: str
    finished: RunMigration | None = None
    reached: bool = True


def left_behind(script: Script, error: DbopsError) -> str:
    """Say what a failure that was seen to its end leaves."""
    if "left" in error.context:
        return str(error.context["left"])
    if script.transactional:
        return "rolled back"
    if isinstance(error, ChecksumMismatch) or any(detail.get("error") == "in doubt" for detail in error.details):
        return "left half way; the hint says what it needs first"
    step = next((detail["step"] for detail in error.details if "step" in detail), None)
    at = f" at statement {step}" if step else ""
    return f"journalled{at}; running it again resumes there"


def look(place: Workplace, script: Script) -> Fate:
    """Connect once more and look what became of the migration whose connection was lost."""
    with suppress(DbopsError, ServerError, ConnectionLost):
        session = place.reconnect()
        try:
            # In this order: what a backend that is gone has done is all there to be read.
            running = _still_runs(place, session)
            record = place.read_history(session)
        finally:
            session.close()
        row = record.row(script.migration.key)
        ended = record.has(script.migration) if script.direction == UP else row is None
        if ended:
            migration = script.migration
            milliseconds = (row.execution_ms if row else None) or 0
            ran = RunMigration(migration.version, migration.name, milliseconds, script.transactional, 0)
            return Fate("finished", "it was committed all the same", ran)
        if running:
            pid = place.worker_facts.backend_pid
            return Fate("running", f"its backend {pid} still runs; the next run waits for it")
        if row is not None and row.state != APPLIED:
            return Fate("half_way", "it is journalled, and running it again resumes it")
        return Fate("unknown", _UNKNOWN) if place.target.pooled else Fate("rolled_back", "it was rolled back")
    return Fate("unknown", _UNKNOWN, reached=False)


def _still_runs(place: Workplace, session: Session) -> bool:
    """Say whether the lost connection's backend goes on; behind a pooler nobody knows which that was."""
    facts = place.worker_facts
    deadline = time.monotonic() + _PATIENCE
    while not place.target.pooled and session.json(
        render("backend_alive", pid=facts.backend_pid, backend_start=facts.backend_start)
    ):
        if time.monotonic() >= deadline:
            return True
        place.interrupt.sleep(0.1)
    return False


def write(place: Workplace, sql: str) -> None:
    """Write to the history on a connection of its own."""
    session = place.reconnect()
    try:
        place.history.write(session, sql)
    finally:
        session.close()
