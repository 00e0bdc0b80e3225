"""Every error dbops reports, each with a stable code and an exit status.

Exit statuses (0-3 are also those of a Nagios plugin):

======  ==============================================================
0       good
1       attention: findings, pending migrations, warnings
2       bad: failed, critical
3       could not tell: unreachable, not permitted, configuration
64      usage
75      try again later, where it was asked for (``--tempfail``)
130     interrupted
======  ==============================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

ATTENTION = 1
BAD = 2
CANNOT_TELL = 3
USAGE = 64
TRY_AGAIN = 75
INTERRUPTED = 130


class DbopsError(Exception):
    """An error a person can act on.

    ``message`` says what happened, ``hint`` what to do, ``details`` is a list of objects with at least
    ``field`` and ``error``, ``retryable`` whether running the same command again is safe and may succeed.
    ``context`` is merged into the JSON error object (a failed ``up`` puts what was applied there).
    """

    code: ClassVar[str] = "INTERNAL_ERROR"
    exit_status: ClassVar[int] = BAD

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        details: Iterable[Mapping[str, Any]] = (),
        retryable: bool = False,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: list[dict[str, Any]] = [dict(detail) for detail in details]
        self.retryable = retryable
        self.context: dict[str, Any] = dict(context or {})

    def to_dict(self) -> dict[str, Any]:
        """Return the value of ``error`` in the JSON envelope."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            "details": self.details,
            **self.context,
        }


class UsageError(DbopsError):
    """The command line is wrong."""

    code = "USAGE"
    exit_status = USAGE

    @classmethod
    def unknown_name(cls, what: str, name: str, known: Iterable[str]) -> UsageError:
        """Return the error for a name that nothing has, with those that are spelt like it."""
        import difflib

        wanted, names = name.strip().lower(), list(known)
        near = [each for each in names if wanted and wanted in each][:3] or difflib.get_close_matches(wanted, names)
        hint = f"did you mean {' or '.join(near)}?" if near else f"they are {', '.join(names)}"
        return cls(f"there is no {what} {name!r}", hint=hint)


class ConfigError(DbopsError):
    """A setting is missing, malformed or contradicts another."""

    code = "CONFIG_ERROR"
    exit_status = CANNOT_TELL


class ConnectionFailed(DbopsError):
    """The server can't be reached, refused the login, or the connection was lost."""

    code = "CONNECTION_FAILED"
    exit_status = CANNOT_TELL


class PermissionDenied(DbopsError):
    """The role may not read or write what the command needs."""

    code = "PERMISSION_DENIED"
    exit_status = CANNOT_TELL


class NotPrimary(DbopsError):
    """The target is a standby or read-only, or the two connections reached different servers."""

    code = "NOT_PRIMARY"
    exit_status = CANNOT_TELL


class HistoryNewer(DbopsError):
    """The history's tables were made by a newer dbops."""

    code = "HISTORY_NEWER"
    exit_status = CANNOT_TELL


class InvalidMigration(DbopsError):
    """A migration file, or the folder of them, can't be used as it is."""

    code = "INVALID_MIGRATION"


class MigrationFailed(DbopsError):
    """A statement of a migration failed."""

    code = "MIGRATION_FAILED"


class MigrationLocked(DbopsError):
    """Another runner held the migration lock for longer than the wait."""

    code = "MIGRATION_LOCKED"


class LockTimeout(DbopsError):
    """A lock on a relation could not be had within lock_timeout: by a migration in all its tries, or by a query."""

    code = "LOCK_TIMEOUT"


class ChecksumMismatch(DbopsError):
    """An applied migration's file was edited."""

    code = "CHECKSUM_MISMATCH"


class MissingMigration(DbopsError):
    """A migration is applied but its file is gone, or a version that was named exists nowhere."""

    code = "MISSING_MIGRATION"


class OutOfOrder(DbopsError):
    """A pending migration is older than one that is applied."""

    code = "OUT_OF_ORDER"


class OriginUnclear(DbopsError):
    """No version table of another tool is there to be adopted, or several are, or dbops works with the tool's own."""

    code = "ORIGIN_UNCLEAR"
    exit_status = CANNOT_TELL


class Irreversible(DbopsError):
    """A migration has no down."""

    code = "IRREVERSIBLE"


class InvalidQuery(DbopsError):
    """The query can't be explained as it is: a syntax error, several statements, a table that isn't there."""

    code = "INVALID_QUERY"


class QueryFailed(DbopsError):
    """The query failed while it was planned or run."""

    code = "QUERY_FAILED"


class QueryTimeout(DbopsError):
    """The query did not end within its time, nor did planning it."""

    code = "QUERY_TIMEOUT"


class NotProvable(DbopsError):
    """What an index is worth can't be found out on a copy: the query writes, or its tables can't be made there."""

    code = "NOT_PROVABLE"
    exit_status = CANNOT_TELL


class InvalidPlan(DbopsError):
    """A file that should hold a plan holds none that can be read."""

    code = "INVALID_PLAN"


class Interrupted(DbopsError):
    """SIGINT or SIGTERM ended the command."""

    code = "INTERRUPTED"
    exit_status = INTERRUPTED


class InternalError(DbopsError):
    """A defect of dbops; ``--debug`` shows where."""

    code = "INTERNAL_ERROR"
