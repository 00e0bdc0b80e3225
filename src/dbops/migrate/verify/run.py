"""Running one direction of a migration on a scratch database, and reading the schema it left."""

from __future__ import annotations

import time
from collections.abc import Sequence

from dbops.errors import ConnectionFailed
from dbops.files.migration import Migration
from dbops.migrate.alembic.revision import Revision, history_of
from dbops.migrate.failure import failed
from dbops.migrate.scratch import Scratch, told
from dbops.migrate.script import Script
from dbops.migrate.verify.judge import Ran
from dbops.postgres import snapshot as catalog
from dbops.postgres.errors import ConnectionLost, ServerError
from dbops.postgres.session import Session
from dbops.schema.snapshot import Snapshot, snapshot

_BEGIN = "BEGIN;"


def begin(scratch: Scratch, database: str, files: Sequence[Migration]) -> None:
    """Make what is no migration's doing: Alembic's version table, which the first revision would seem to bring."""
    history = history_of(files)
    if history is None:
        return
    from dbops.migrate.alembic.running import ensure

    with scratch.session(database) as session, told("making Alembic's version table"):
        ensure(session, history)


def run(scratch: Scratch, database: str, script: Script) -> Ran:
    """Run a script as ``up`` and ``down`` do, in a session of its own; what PostgreSQL refuses is the outcome.

    Raises ConnectionFailed when the server is lost, Interrupted.
    """
    with scratch.session(database) as session:
        started = time.monotonic()
        try:
            error = _run(session, script)
        except ConnectionLost as lost:
            raise ConnectionFailed(
                f"{script.path}: the scratch server was lost while this ran: {lost}",
                hint="its memory or disk may have run out; the target was not touched",
                details=[{"field": "scratch_dsn", "error": "connection lost", "file": script.path}],
                retryable=True,
            ) from lost
        return Ran(round((time.monotonic() - started) * 1000, 1), error)


def schema_of(scratch: Scratch, database: str) -> Snapshot:
    """Return the database's schema; on a server of our own with the cluster's roles."""
    with scratch.session(database, privileged=True) as session, told("reading the schema"):
        return snapshot(scratch.version, catalog.read(session, scratch.version, without=(), roles=scratch.own))


def _run(session: Session, script: Script) -> str | None:
    if isinstance(script.migration, Revision):
        from dbops.migrate.alembic.running import tried

        return tried(session, script, script.migration)
    if script.transactional:
        return _run_whole(session, script)
    for statement in script.statements:
        try:
            session.run(statement.text, bound=None, heed=True)
        except ServerError as error:
            offset = None if error.report.position is None else error.report.position - 1 + statement.start
            return failed(script, error.report, statement, offset, show_data=False).message
    return None


def _run_whole(session: Session, script: Script) -> str | None:
    try:
        session.run(f"{_BEGIN}{script.sql}\n;COMMIT", bound=None, heed=True)
    except ServerError as error:
        offset = None if error.report.position is None else error.report.position - 1 - len(_BEGIN)
        index = error.completed - 1  # BEGIN comes first
        statement = script.statements[index] if 0 <= index < len(script.statements) else None
        if statement is None and offset is not None and 0 <= offset < len(script.sql):
            statement = script.statement_at(offset)
        return failed(script, error.report, statement, offset, show_data=False).message
    return None
