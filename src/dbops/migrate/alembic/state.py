"""What is applied, by Alembic's own version table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbops.files.migration import Migration
from dbops.migrate.alembic.revision import History, history_of
from dbops.migrate.history import History as Log
from dbops.migrate.record import APPLIED, Applied, Record
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.sql.quote import identifier


def state(
    session: Session, files: Sequence[Migration], log: Log, record: Record, search_path: str | None = None
) -> Record:
    """Return the record with the revisions that are applied in the place of the rows of dbops's own table.

    Its times are those of dbops's log: unknown for what another program applied. Raises MissingMigration when the
    table names a revision that no file has.
    """
    history = history_of(files)
    assert history is not None, "they are an Alembic project's"
    found = heads(session, history, search_path)
    history.require_known(found)
    runs: dict[str, Any] = session.json(log.as_role(render("alembic/runs", schema=log.schema))) if record.exists else {}
    by_version = {file.version: file for file in files}
    rows = tuple(_row(by_version[version], runs.get(version, {})) for version in history.applied(found))
    return replace(record, rows=rows, steps=())


def heads(session: Session, history: History, search_path: str | None = None) -> tuple[str, ...]:
    """Return the heads that the database is at; ``search_path`` is a schema to look into first."""
    schema = "" if history.schema is None else f"{identifier(history.schema)}."
    query = render("alembic/table", quoted=schema + identifier(history.table))
    if search_path is not None:
        query = f"BEGIN;SET LOCAL search_path = {identifier(search_path)}, public;{query};COMMIT"
    table = session.json(query)
    return tuple(session.json(render("alembic/heads", **table))) if table else ()


def _row(file: Migration, run: Mapping[str, Any]) -> Applied:
    return Applied(
        version=file.version,
        name=file.name,
        checksum=file.checksum,
        state=APPLIED,
        applied_at=run.get("at"),
        execution_ms=run.get("ms"),
        transactional=True,
    )
