"""Parts of a file that know their place in it, whatever was taken off around them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from dbops.explain.plan.unreadable import PlanUnreadable


class Line(NamedTuple):
    """A line without its end: ``column`` is where it begins in line ``number`` of the file, both from 1.

    In the file each ``"`` takes two characters where ``quoted`` (CSV doubles it, JSON has a backslash before it).
    """

    text: str
    number: int
    column: int = 1
    quoted: bool = False

    def part(self, start: int, end: int | None = None) -> Line:
        """Return the line's characters from ``start`` to ``end``."""
        start = min(start, len(self.text))
        return Line(self.text[start:end], self.number, self.column_of(start), self.quoted)

    def column_of(self, index: int) -> int:
        """Return the column in the file of a character."""
        return self.column + index + (self.text.count('"', 0, index) if self.quoted else 0)

    def unreadable(self, message: str, hint: str, index: int = 0) -> PlanUnreadable:
        """Return the error about what is at ``index``; the line may have been joined from several."""
        breaks = self.text.count("\n", 0, index)
        if not breaks:
            return PlanUnreadable(message, hint, self.number, self.column_of(index))
        return PlanUnreadable(message, hint, self.number + breaks, index - self.text.rindex("\n", 0, index))


@dataclass(frozen=True)
class Passage:
    """The lines of one plan, or of several; ``duration_ms`` is what a log says the query took."""

    lines: Sequence[Line]
    duration_ms: float | None = None

    @cached_property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(line.text for line in self.lines)

    def unreadable(self, message: str, hint: str, index: int = 0) -> PlanUnreadable:
        """Return the error about what is at ``index`` of the text."""
        starts = [0, *accumulate(len(line.text) + 1 for line in self.lines)]
        number = min(bisect_right(starts, index) - 1, len(self.lines) - 1)
        return self.lines[number].unreadable(message, hint, index - starts[number])


def split(text: str) -> list[Line]:
    """Return the lines of a file, without its byte order mark."""
    lines = text.removeprefix("\ufeff").split("\n")
    return [Line(line.removesuffix("\r"), number) for number, line in enumerate(lines, 1)]
