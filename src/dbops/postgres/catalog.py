"""The tables, columns, indexes and constraints of a database, as the server's catalog has them."""

from __future__ import annotations

from typing import Any

from dbops.errors import ConnectionFailed
from dbops.postgres.errors import LOCK_NOT_AVAILABLE, QUERY_CANCELED, ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session

STATEMENT_TIMEOUT = 60.0
"""Seconds for the whole catalog: 2,000 tables of eight columns take half of one."""
_LOCK_TIMEOUT = 1.0
_GRACE = 10.0


def read(session: Session, version: int) -> dict[str, Any]:
    """Return the catalog of all user tables, views and types as one JSON document.

    ``version`` is the server's ``server_version_num``; ``search_path`` in the document is that of the session. It
    waits for no lock for longer than a moment: of tables that others lock exclusively, sizes are the last that VACUUM
    or ANALYZE saw and expressions are "". Raises ConnectionFailed when the server takes too long.
    """
    try:
        return _read(session, version, careful=False)
    except ServerError as error:
        if error.sqlstate != LOCK_NOT_AVAILABLE:
            raise _too_slow(error) from error
    try:
        return _read(session, version, careful=True)
    except ServerError as error:
        raise _too_slow(error) from error


def _read(session: Session, version: int, *, careful: bool) -> dict[str, Any]:
    query = render(
        "catalog",
        version=version,
        careful=careful,
        statement_timeout=f"{STATEMENT_TIMEOUT:.0f}s",
        lock_timeout=f"{_LOCK_TIMEOUT:.0f}s",
    )
    document: dict[str, Any] = session.json(query, bound=STATEMENT_TIMEOUT + _GRACE)
    return document


def _too_slow(error: ServerError) -> Exception:
    """Return what to raise for an error; only a timeout is one to be expected."""
    if error.sqlstate not in {QUERY_CANCELED, LOCK_NOT_AVAILABLE}:
        return error
    return ConnectionFailed(
        f"the server's catalog could not be read: {error.report.message}",
        hint="try again when it is less busy, or look what holds a lock on its catalog",
        details=[{"field": "dsn", "error": error.report.message}],
        retryable=True,
    )
