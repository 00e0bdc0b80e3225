"""Running one direction of a migration on a scratch database, and reading the schema it left."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from dbops.errors import ConnectionFailed
from dbops.files.migration import Migration
from dbops.migrate.alembic.revision import Revision, history_of
from dbops.migrate.failure import failed
from dbops.migrate.scratch import OWNERS, Scratch, told
from dbops.migrate.script import Script
from dbops.migrate.verify.judge import Ran
from dbops.postgres import snapshot as catalog
from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, ConnectionLost, Report, ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.schema.snapshot import Snapshot, snapshot
from dbops.sql.split import Statement

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED;"
_HINT = " (migrations run as an ordinary role there; --as-superuser is for files that you trust)"
_Refused: TypeAlias = tuple[Report, Statement | None, int | None]
"""What PostgreSQL said, of which statement, and at which character of the script."""


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
            error = _run(session, script, ordinary=scratch.migrator is not None)
        except ConnectionLost as lost:
            raise ConnectionFailed(
                f"{script.path}: the scratch server was lost while this ran: {lost}",
                hint="its memory or disk may have run out; the target was not touched",
                details=[{"field": "scratch_dsn", "error": "connection lost", "file": script.path}],
                retryable=True,
            ) from lost
        return Ran(round((time.monotonic() - started) * 1000, 1), error)


def schema_of(scratch: Scratch, database: str, named: Sequence[str] = ()) -> Snapshot:
    """Return the database's schema and settings, with the databases ``named``; on our own server with the roles."""
    with scratch.session(database, privileged=True) as session, told("reading the schema"):
        rows = [row for row in catalog.read(session, scratch.version, without=(), roles=scratch.own) if not _ours(row)]
        rows += session.json(render("verify/own_settings"))
        if named:
            rows += session.json(render("verify/databases", names=json.dumps(list(named))))
        return snapshot(scratch.version, rows)


def _ours(row: Mapping[str, Any]) -> bool:
    """Say whether it is what roles that were made for the scripts got, and a role that a script makes again hasn't."""
    return row["kind"] == "membership" and str(row["name"]).endswith(f".{OWNERS}")


def _run(session: Session, script: Script, *, ordinary: bool) -> str | None:
    if isinstance(script.migration, Revision):
        from dbops.migrate.alembic.running import tried

        return tried(session, script, script.migration)
    refused = _run_whole(session, script) if script.transactional else _run_each(session, script)
    if refused is None:
        return None
    report, statement, offset = refused
    message = failed(script, report, statement, offset, show_data=False).message
    return message + _HINT if ordinary and report.sqlstate == INSUFFICIENT_PRIVILEGE else message


def _run_each(session: Session, script: Script) -> _Refused | None:
    for statement in script.statements:
        try:
            session.run(statement.text, bound=None, heed=True)
        except ServerError as error:
            position = error.report.position
            return error.report, statement, None if position is None else position - 1 + statement.start
    return None


def _run_whole(session: Session, script: Script) -> _Refused | None:
    try:
        session.run(f"{_BEGIN}{script.sql}\n;COMMIT", bound=None, heed=True)
    except ServerError as error:
        offset = None if error.report.position is None else error.report.position - 1 - len(_BEGIN)
        index = error.completed - 1  # BEGIN comes first
        statement = script.statements[index] if 0 <= index < len(script.statements) else None
        if statement is None and offset is not None and 0 <= offset < len(script.sql):
            statement = script.statement_at(offset)
        return error.report, statement, offset
    return None
