"""Result of ``dbops nplusone PATH…``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.results.nplusone import LoopKind


@dataclass(frozen=True, slots=True)
class SourceLoop:
    """An expression that asks the database in each round of a loop.

    ``query`` is the expression that asks, ``source_query`` what is gone over, both as they are written. ``pattern`` is
    the slug of the pattern, ``where`` the kind of loop: a loop, a comprehension, a template's loop, and so on.
    ``file`` and ``line`` are in the function that has the loop; ``asked_at`` is where it really asks, as ``file:line``,
    when that is a function that the loop calls. How often it asks, and what that takes, no source tells: None.
    """

    kind: LoopKind
    pattern: str
    query: str
    source_query: str
    remedy: str
    why: str
    where: str
    file: str
    line: int
    asked_at: str | None = None
    calls: int | None = None
    distinct_parameters: int | None = None
    total_ms: float | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or a function of it, that could not be looked at, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class UnusedIgnore:
    """A comment that silences nothing."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class PatternInfo:
    """A pattern of such loops, as people read it: programs in which it is found, and in which it is not."""

    pattern: str
    summary: str
    text: str
    bad: tuple[str, ...]
    good: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What was found, by file and line.

    ``files`` are the Python files that were looked at, ``models`` and ``templates`` how many of them their project has.
    ``unreadable`` could not be, ``ignored`` counts the findings that comments silence.
    """

    findings: tuple[SourceLoop, ...]
    files: int
    models: int
    templates: int
    unreadable: tuple[Unreadable, ...] = ()
    ignored: int = 0
    unused: tuple[UnusedIgnore, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 when anything was found, 3 when a file could not be looked at, or none was there: that proves nothing."""
        if self.findings or self.unused:
            return 1
        return 3 if self.unreadable or not self.files else 0
