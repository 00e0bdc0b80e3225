"""What reading a file's text gives. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbops.lint.script import Script
from dbops.results.lint import Severity
from dbops.sql.offsets import Offsets
from dbops.sql.recover import Skipped, Unreadable

NOT_LOOKED_AT = "not looked at by any rule"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that no rule can look at; ``start`` and ``end`` are offsets in the file's text.

    ``counts_as_not_analysed`` is False for what is no SQL of the server's, such as a command of psql.
    """

    start: int
    end: int
    message: str
    severity: Severity = Severity.WARNING
    counts_as_not_analysed: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's scripts, and what was wrong or left out on the way to them."""

    scripts: tuple[Script, ...]
    problems: tuple[Problem, ...] = ()


def unreadable(
    found: Iterable[Unreadable], offsets: Offsets, severity: Severity = Severity.WARNING
) -> Iterator[Problem]:
    """Yield what the parser could not read, from where it gave up."""
    for bad in found:
        start = offsets.source(min(bad.offset, max(bad.end - 1, bad.start)))
        end = offsets.source(bad.end, end=True)
        yield Problem(start, max(end, start), f"{NOT_LOOKED_AT}: {bad.message}", severity)


def passed_over(skipped: Iterable[Skipped], offsets: Offsets, severity: Severity = Severity.INFO) -> Iterator[Problem]:
    """Yield what is for psql rather than the server."""
    for each in skipped:
        what = each.what if each.what.startswith("data") else f"{each.what}, a command of psql"
        yield Problem(
            offsets.source(each.start),
            offsets.source(each.end, end=True),
            f"skipped: {what}",
            severity,
            counts_as_not_analysed=False,
        )
