"""Result of ``dbops nplusone``; the field names are the contract of its JSON. None is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LoopKind(StrEnum):
    """How sure it is: ``confirmed`` was seen in one piece of work, ``suspected`` may be several pieces."""

    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"


@dataclass(frozen=True, slots=True)
class Loop:
    """A query that was asked again and again, with another key each time, after a source query.

    ``query`` and ``source_query`` are without values. ``calls`` and ``total_ms`` are of all ``occurrences`` together,
    ``most_calls`` and ``distinct_parameters`` of the one with most calls, which ``session`` ran. ``total_ms`` is None
    where the log has no durations; it is the server's time: each call costs a round trip too. ``column`` is what the
    key is compared with, ``remedy`` the query that asks once, None where there is none that means the same.
    ``application`` and ``request`` (sqlcommenter's tags) say who asked. ``file`` and ``line`` are a source code's.
    """

    kind: LoopKind
    query: str
    source_query: str
    calls: int
    occurrences: int
    most_calls: int
    distinct_parameters: int
    total_ms: float | None
    session: str
    database: str | None
    application: str | None
    request: str | None
    column: str
    remedy: str | None
    why: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class NPlusOneResult:
    """What was found, the most calls first, and what it was found in.

    ``unreadable`` are lines of logs that are no entry, ``unparsed`` statements that PostgreSQL's parser refuses: cut
    off, or in another dialect. ``notes`` say what keeps loops from being seen.
    """

    findings: tuple[Loop, ...]
    statements: int
    sessions: int
    unreadable: int
    unparsed: int
    notes: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        """1 when anything was found, 3 when there was no statement to look at: that proves nothing."""
        return 1 if self.findings else 0 if self.statements else 3
