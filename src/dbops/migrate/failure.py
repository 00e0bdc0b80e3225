"""A server's error at a place in a migration, as an error a person can act on. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dbops.errors import DbopsError, LockTimeout, MigrationFailed, NotPrimary
from dbops.migrate.script import Script
from dbops.postgres.errors import (
    DEADLOCK_DETECTED,
    LOCK_NOT_AVAILABLE,
    QUERY_CANCELED,
    READ_ONLY_TRANSACTION,
    Report,
)
from dbops.results.progress import Session, duration
from dbops.sql.redact import message, secrets
from dbops.sql.split import Statement

_LONGEST_STATEMENT = 400


def failed(
    script: Script, report: Report, statement: Statement | None, offset: int | None, *, show_data: bool
) -> DbopsError:
    """Return the error for a statement that failed; ``offset`` is the place in ``script.sql``, where known."""
    report = _redacted(report, script)
    line, column = _place(script, statement, offset)
    where = f"{script.path}:{line}" + (f":{column}" if column else "")
    detail: dict[str, Any] = {
        "field": "statement",
        "error": report.message,
        "file": script.path,
        "line": line,
        "column": column,
        "sqlstate": report.sqlstate,
        "statement": _shortened(secrets(script.written(statement))) if statement else None,
        "hint": report.hint,
    }
    if show_data:
        detail |= {"detail": report.detail, "context": report.context}
    if report.sqlstate == READ_ONLY_TRANSACTION:
        return NotPrimary(
            f"{where}: {report.message}",
            hint="the server became a standby, or was fenced off, while the migration ran",
            details=[detail],
            retryable=True,
        )
    what = "" if statement else "at COMMIT: "
    return MigrationFailed(
        f"{where}: {what}{report.message}",
        hint=report.hint or _HINTS.get(report.sqlstate) or "correct the migration and run it again",
        details=[detail],
        retryable=report.sqlstate in {DEADLOCK_DETECTED, QUERY_CANCELED},
    )


def lock_timeout(
    script: Script, attempts: int, seconds: float, blockers: tuple[Session, ...], report: Report
) -> LockTimeout:
    """Return the error for a migration that got no lock in all its tries."""
    report = _redacted(report, script)
    migration = script.migration
    tries = f"{attempts} {'try' if attempts == 1 else 'tries'} in {duration(seconds)}"
    by = "; blocked by " + ", ".join(map(str, blockers)) if blockers else ""
    return LockTimeout(
        f"{migration.label}: {report.message} ({tries}; rolled back){by}",
        hint="end what blocks it, or run again when it is gone; a longer --lock-timeout makes everyone else queue "
        "behind the migration",
        details=[
            {"field": "lock", "error": str(blocker), "pid": blocker.pid, "application": blocker.application}
            for blocker in blockers
        ],
        retryable=True,
    )


_HINTS = {
    "42501": "the migrating role lacks the right: GRANT it, or run as the owner with --role",
    QUERY_CANCELED: "somebody cancelled it, or --statement-timeout is too short for it",
    LOCK_NOT_AVAILABLE: "another session holds a lock it needs; run it again when that is gone",
    DEADLOCK_DETECTED: "run it again; it was rolled back to let another session go on",
}


def _redacted(report: Report, script: Script) -> Report:
    def safe(text: str) -> str:
        return script.section.hidden(message(text))

    return replace(
        report,
        message=safe(report.message),
        hint=report.hint and safe(report.hint),
        detail=report.detail and script.section.hidden(report.detail),
        context=report.context and script.section.hidden(report.context),
    )


def _place(script: Script, statement: Statement | None, offset: int | None) -> tuple[int, int | None]:
    if offset is not None and 0 <= offset <= len(script.sql):
        return script.place(offset)
    if statement is not None:
        return script.line(statement), None
    return script.section.line, None


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_STATEMENT else text[: _LONGEST_STATEMENT - 1] + "…"
