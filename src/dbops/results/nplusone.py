"""Result of ``dbops nplusone``; the field names are the contract of its JSON. None is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbops.results.target import Target


class LoopKind(StrEnum):
    """How sure it is: ``confirmed`` was seen in one piece of work, ``suspected`` may be several pieces.

    ``static`` was read in a program's source, and not seen at all.
    """

    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class Loop:
    """A query that was asked again and again, with another key each time, after a source query.

    ``query`` and ``source_query`` are without values. ``calls`` and ``total_ms`` are of all ``occurrences`` together,
    ``most_calls`` and ``distinct_parameters`` of the one with most calls, which ``session`` ran. ``total_ms`` is None
    where the log has no durations; it is the server's time: each call costs a round trip too. ``column`` is what the
    key is compared with, ``remedy`` the query that asks once, None where there is none that means the same, ``hint``
    how what wrote the query is told to. ``application`` and ``request`` (sqlcommenter's tags) say who asked. ``file``
    and ``line`` are a source code's. Counters alone tell of no session, no pieces of work and no keys.
    """

    kind: LoopKind
    query: str
    source_query: str | None
    calls: int
    occurrences: int | None
    most_calls: int | None
    distinct_parameters: int | None
    total_ms: float | None
    session: str | None
    database: str | None
    application: str | None
    request: str | None
    column: str
    remedy: str | None
    why: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class NPlusOneResult:
    """What was found, the most calls first, and what it was found in.

    ``unreadable`` are lines of logs that are no entry, ``unparsed`` statements that PostgreSQL's parser refuses: cut
    off, or in another dialect. ``notes`` say what keeps loops from being seen. Of a server's counters ``target`` is
    where they were read, ``sessions`` is None, ``measured_s`` the interval's length and None for totals, which are
    counted since ``since`` (None: unknown).
    """

    findings: tuple[Loop, ...]
    statements: int
    sessions: int | None
    unreadable: int
    unparsed: int
    notes: tuple[str, ...]
    target: Target | None = None
    measured_s: float | None = None
    since: str | None = None

    @property
    def exit_status(self) -> int:
        """1 when anything was found, 3 when there was no statement to look at: that proves nothing."""
        return 1 if self.findings else 0 if self.statements else 3
