"""What either server says, as errors a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dbops.errors import ConnectionFailed, DbopsError, LockTimeout, NotProvable, PermissionDenied
from dbops.postgres.errors import (
    INSUFFICIENT_PRIVILEGE,
    LOCK_NOT_AVAILABLE,
    QUERY_CANCELED,
    ConnectionLost,
    ServerError,
)
from dbops.sql.redact import message as without_secrets

_NOT_CHANGED = "nothing was changed in the database"


@contextmanager
def on_target(doing: str) -> Iterator[None]:
    """Turn what the target's server says while it is ``doing`` something ("reading orders") into errors of ours."""
    try:
        yield
    except (ServerError, ConnectionLost) as error:
        raise of_target(error, doing) from error


@contextmanager
def on_scratch(doing: str) -> Iterator[None]:
    """The same for the scratch server."""
    try:
        yield
    except (ServerError, ConnectionLost) as error:
        raise of_scratch(error, doing) from error


def of_target(error: ServerError | ConnectionLost, doing: str) -> DbopsError:
    """Return the error for what the target's server said."""
    if isinstance(error, ConnectionLost):
        return ConnectionFailed(
            f"the connection to the database was lost while {doing}: {without_secrets(str(error))}",
            hint=f"look whether the server still runs; {_NOT_CHANGED}",
            details=[{"field": "dsn", "error": "connection lost"}],
            retryable=True,
        )
    said = without_secrets(error.report.message)
    told, details = f"{doing} failed: {said}", [{"field": "dsn", "error": said, "sqlstate": error.sqlstate}]
    if error.sqlstate == INSUFFICIENT_PRIVILEGE:
        return PermissionDenied(told, hint="prove as a role that may read all tables of the query", details=details)
    if error.sqlstate == LOCK_NOT_AVAILABLE:
        hint = "somebody changes a table of the query: try again later"
        return LockTimeout(told, hint=hint, details=details, retryable=True)
    if error.sqlstate == QUERY_CANCELED:
        return NotProvable(told, hint="give --prove more time, or less to copy", details=details, retryable=True)
    return NotProvable(told, hint="without --prove the advice stands as planned", details=details)


def of_scratch(error: ServerError | ConnectionLost, doing: str) -> DbopsError:
    """Return the error for what the scratch server said."""
    if isinstance(error, ConnectionLost):
        return ConnectionFailed(
            f"the scratch server was lost while {doing}: {without_secrets(str(error))}",
            hint=f"its memory or disk may have run out; {_NOT_CHANGED}",
            details=[{"field": "scratch_dsn", "error": "connection lost"}],
            retryable=True,
        )
    said = without_secrets(error.report.message)
    return NotProvable(
        f"on the scratch server, {doing} failed: {said}",
        hint=error.report.hint or f"without --prove the advice stands as planned; {_NOT_CHANGED}",
        details=[{"field": "scratch_dsn", "error": said, "sqlstate": error.sqlstate}],
    )
