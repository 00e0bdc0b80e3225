"""A server's error about a query as an error a person can act on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.errors import ConnectionFailed, DbopsError, LockTimeout, PermissionDenied, QueryFailed
from dbops.explain.statement import Query, invalid
from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, LOCK_NOT_AVAILABLE, READ_ONLY_TRANSACTION, Report
from dbops.sql.offsets import Offsets
from dbops.sql.redact import message as without_secrets

_WRITES_HINT = (
    "a function it calls writes: give --allow-writes to run it in a transaction that is rolled back, or --no-analyze"
)
_HINTS = {
    "42P01": "check the name and the schema; SHOW search_path says where unqualified names are looked for",
    "42703": "check the column's name, and which table it is of",
    "42883": "check the name and the types of its arguments; a cast may be missing",
    "42601": "correct it where the caret stands",
    "42P02": "give the parameter's value with -p",
    "42P18": "say the parameter's type with a cast: $1::text",
    "22P02": "a value given with -p is not of the type its parameter has",
    "40001": "a standby had to cancel it: run it again, or on the primary",
    "53100": "the disk or temp_file_limit is full: explain with --no-analyze",
    "53400": "temp_file_limit is too small for it: explain with --no-analyze",
    "53200": "the server is short of memory: explain with --no-analyze, or with a smaller work_mem",
}
_INVALID_CLASSES = ("42", "22", "0A")


def of_query(query: Query, offsets: Offsets, report: Report, near: Sequence[str] = ()) -> DbopsError:
    """Return the error for what the server said of the query that was sent.

    ``offsets`` lead from the text that was sent to the query's source; ``near`` are names like the one it missed.
    """
    said = without_secrets(report.message)
    if report.sqlstate == INSUFFICIENT_PRIVILEGE:
        return PermissionDenied(
            f"{query.source.name}: {said}",
            hint="EXPLAIN needs the rights of the query itself: GRANT SELECT, or explain as a role that has them",
            details=[{"field": "query", "error": said, "sqlstate": report.sqlstate}],
        )
    if report.sqlstate == LOCK_NOT_AVAILABLE:
        return LockTimeout(
            f"{query.source.name}: {said}",
            hint="another session holds or waits for a strong lock on a table of the query, such as a migration's; "
            "try again when it is done",
            details=[{"field": "lock", "error": said}],
            retryable=True,
        )
    if report.sqlstate == READ_ONLY_TRANSACTION:
        return _at(query, offsets, report, _WRITES_HINT)
    hint = f"did you mean {' or '.join(near)}?" if near else without_secrets(report.hint or "") or None
    return _at(query, offsets, report, hint or _HINTS.get(report.sqlstate) or "the server's log may say more")


def lost(reason: Exception) -> ConnectionFailed:
    """Return the error for a connection that broke."""
    return ConnectionFailed(
        f"the connection broke: {without_secrets(str(reason))}",
        hint="look whether the server still runs and what its log says; a query can bring it down by its memory",
        details=[{"field": "dsn", "error": "connection lost"}],
        retryable=True,
    )


def _at(query: Query, offsets: Offsets, report: Report, hint: str) -> DbopsError:
    offset = None if report.position is None else offsets.source(report.position - 1)
    error = invalid(query.source, without_secrets(report.message), hint, offset)
    error.details[0]["sqlstate"] = report.sqlstate
    if report.sqlstate.startswith(_INVALID_CLASSES) or report.sqlstate == READ_ONLY_TRANSACTION:
        return error
    return QueryFailed(error.message, hint=hint, details=error.details, retryable=report.sqlstate == "40001")
