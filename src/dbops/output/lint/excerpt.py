"""The line of a file that a finding is about, with carets below the part that is meant."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from dbops.output.cells import cells
from dbops.output.style import Style
from dbops.results.lint import Finding

_NARROWEST = 24
_CUT = "…"


class Frame(NamedTuple):
    """What is shown of a line; the carets begin below cell ``caret``, counted from 0, and are ``carets`` cells."""

    text: str
    caret: int
    carets: int


def excerpt(lines: Sequence[str], finding: Finding, style: Style, paint: tuple[str, ...], width: int) -> list[str]:
    """Return the finding's first line and the carets, or nothing when the file has no such line."""
    if not 1 <= finding.line <= len(lines):
        return []
    line = lines[finding.line - 1]
    several = finding.end_line > finding.line
    end = len(line.rstrip()) if several else finding.end_column - 1
    note = f" {_CUT} to line {finding.end_line}" if several else ""
    number = str(finding.line)
    room = max(width - len(f"  {number} | ") - len(note), _NARROWEST)
    frame = framed(line, finding.column - 1, end, room)
    rail = style("|", "blue")
    below = style("^" * frame.carets, *paint) + (style(note, "dim") if note else "")
    return [
        f"  {style(number, 'blue')} {rail} {frame.text}".rstrip(),
        f"  {' ' * len(number)} {rail} {' ' * frame.caret}{below}",
    ]


def framed(line: str, start: int, end: int, room: int) -> Frame:
    """Return as much of the line around the characters from ``start`` to ``end`` as ``room`` cells hold.

    There is always one caret: where the span is empty, or begins behind the line's end.
    """
    start = min(max(start, 0), len(line))
    if len(line) < room and line.isascii() and line.isprintable():  # most lines: a character, a cell
        return Frame(line, start, max(min(end, len(line)) - start, 1))
    # A line of megabytes is looked at only near the span; what isn't shown need not be measured.
    first, last = max(start - 2 * room, 0), min(start + 2 * room, len(line))
    shown = list(cells(line[first:last]))
    at = [0, *accumulate(cell.width for cell in shown)]
    begin, stop = start - first, min(max(end, start) - first, len(shown))
    while 0 < begin < len(shown) and shown[begin].width == 0:
        begin -= 1  # a combining character is marked with the one it stands on
    left, right = _window(at, begin, stop, room, head=first == 0, tail=last == len(line))
    while left < begin and shown[left].width == 0:
        left += 1
    before = _CUT if first or left else ""
    after = _CUT if last < len(line) or right < len(shown) else ""
    text = before + "".join(cell.text for cell in shown[left:right]) + after
    return Frame(text, len(before) + at[begin] - at[left], max(at[min(stop, right)] - at[begin], 1))


def _window(at: list[int], begin: int, stop: int, room: int, *, head: bool, tail: bool) -> tuple[int, int]:
    """Return from which to which character to show; ``at`` are the cells before each, and before the line's end.

    ``head`` and ``tail`` say whether these are all the characters up to the line's begin, and to its end.
    """
    beyond = begin == len(at) - 1  # the caret has a cell of its own
    if head and tail and at[-1] + beyond <= room:
        return 0, len(at) - 1
    if head and not beyond and (at[max(stop, begin + 1)] < room or at[begin] <= room // 3):
        return 0, bisect_right(at, room - len(_CUT)) - 1
    room -= 2 * len(_CUT) + beyond
    lead = max(0, min(room // 3, room - (at[max(stop, begin)] - at[begin])))
    right = bisect_right(at, at[begin] + room - lead) - 1
    return bisect_left(at, at[right] - room), right
