"""PostgreSQL's errors as dbops's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"
QUERY_CANCELED = "57014"
UNIQUE_VIOLATION = "23505"
DIVISION_BY_ZERO = "22012"
INSUFFICIENT_PRIVILEGE = "42501"
READ_ONLY_TRANSACTION = "25006"


@dataclass(frozen=True, slots=True)
class Report:
    """What the server says of an error. ``position`` counts characters from 1; ``detail`` may hold row values."""

    severity: str
    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None
    context: str | None = None
    position: int | None = None


class ServerError(Exception):
    """The server refused or failed a statement of a message.

    ``results`` are those of the message's statements that had finished before.
    """

    def __init__(self, report: Report, results: Sequence[PGresult]) -> None:
        super().__init__(f"{report.sqlstate} {report.message}")
        self.report = report
        self.results = list(results)

    @property
    def completed(self) -> int:
        """Return how many statements had finished: an error at run time has no position, this tells which it was."""
        return len(self.results)

    @property
    def sqlstate(self) -> str:
        """Return the five-character SQLSTATE."""
        return self.report.sqlstate


class ConnectionLost(Exception):
    """The connection broke, or the server did not answer within the bound; what it was doing is unknown."""


def report_of(result: PGresult) -> Report:
    """Read a failed result's fields."""
    from psycopg.pq import DiagnosticField as Field

    def text(field: Field) -> str | None:
        value = result.error_field(field)
        return None if value is None else value.decode("utf-8", "replace")

    position = text(Field.STATEMENT_POSITION)
    return Report(
        severity=text(Field.SEVERITY_NONLOCALIZED) or text(Field.SEVERITY) or "ERROR",
        sqlstate=text(Field.SQLSTATE) or "",
        message=text(Field.MESSAGE_PRIMARY) or result.error_message.decode("utf-8", "replace").strip(),
        detail=text(Field.MESSAGE_DETAIL),
        hint=text(Field.MESSAGE_HINT),
        context=text(Field.CONTEXT),
        position=int(position) if position else None,
    )
