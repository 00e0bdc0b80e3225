"""What a log says, whatever its format."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol


class Record(NamedTuple):
    """An entry of a log.

    ``at`` is in seconds, good for differences alone: which zone an abbreviation means is not known. ``session`` tells
    sessions apart (session id, else pid). What the log does not tell is None or "".
    """

    at: float | None
    session: str
    transaction: str | None
    user: str | None
    database: str | None
    application: str | None
    level: str
    message: str
    detail: str
    statement: str


class Counted:
    """What became of a log's lines: ``unreadable`` are those that are no entry, nor part of one."""

    def __init__(self) -> None:
        self.records = 0
        self.unreadable = 0


class Format(Protocol):
    """What a format's module offers."""

    NAME: str

    def recognises(self, line: str) -> bool:
        """Say whether a log that begins with this line is of this format."""
        ...

    def begins(self, line: str, prefix: str | None) -> bool:
        """Say whether an entry begins with this line; ``prefix`` is known where the format has one."""
        ...

    def records(self, lines: Iterable[str], counted: Counted, prefix: str | None) -> Iterator[Record]:
        """Yield the entries of a log. ``prefix`` is log_line_prefix, where it is known and the format has one."""
        ...


def moment(text: str) -> float | None:
    """Return seconds for ``2026-11-25 12:00:00.123 UTC`` (with or without the fraction), None for anything else."""
    second = _second(text[:19])
    if second is None:
        return None
    fraction = text[19:].split(" ", 1)[0]
    return second + float(fraction) if len(fraction) > 1 and fraction[1:].isdigit() else second


@lru_cache(maxsize=1024)  # a log has many entries a second, and few seconds at once
def _second(text: str) -> float | None:
    try:
        date, clock = text.split(" ")
        year, month, day = map(int, date.split("-"))
        hours, minutes, seconds = map(int, clock.split(":"))
        return float(timegm((year, month, day, hours, minutes, seconds)))
    except ValueError:
        return None
