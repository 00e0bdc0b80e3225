"""Text as the cells of a terminal: nothing in it moves the cursor, and its width is known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import repeat
from typing import NamedTuple

TAB = 4
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, directions, lone surrogates, line separators
_JOINED = frozenset({"Mn", "Me"})
_JAMO = range(0x1160, 0x1200)  # vowels and final consonants, drawn into the syllable before them


class Cell(NamedTuple):
    """What is shown for one character of a text, and how many cells of the terminal that takes."""

    text: str
    width: int


def printable(text: str) -> str:
    """Return the text with a sign in place of each character that a terminal would obey rather than show."""
    return text if text.isprintable() else "".join(map(_sign, text))


def cells(line: str) -> Iterator[Cell]:
    """Yield a cell for each character of a line; a tab reaches to the next multiple of four."""
    if line.isascii() and line.isprintable():  # most lines
        yield from map(Cell, line, repeat(1))
        return
    column = 0
    for character in line:
        if character == "\t":
            cell = Cell(" " * (TAB - column % TAB), TAB - column % TAB)
        else:
            shown = _sign(character)
            cell = Cell(shown, _width(shown))
        column += cell.width
        yield cell


def width(line: str) -> int:
    """Return how many cells a line takes."""
    return len(line) if line.isascii() and line.isprintable() else sum(cell.width for cell in cells(line))


def shortened(line: str, room: int) -> str:
    """Return the line as it is shown, or as much of its begin as fits into ``room`` cells with a ``…`` behind."""
    if width(line) <= room:
        return _shown(line)
    return next(pieces(line, room - 1)).rstrip() + "…" if room > 1 else "…"[:room]


def pieces(line: str, room: int) -> Iterator[str]:
    """Yield the line as it is shown, in pieces of at most ``room`` cells; a character that is wider is left out."""
    if width(line) <= room:
        yield _shown(line)
        return
    piece: list[str] = []
    taken = 0
    for cell in cells(line):
        if taken + cell.width > room:
            yield "".join(piece)
            piece, taken = [], 0
        if cell.width <= room:
            piece.append(cell.text)
            taken += cell.width
    yield "".join(piece)


def _shown(line: str) -> str:
    return line if line.isascii() and line.isprintable() else "".join(cell.text for cell in cells(line))


def _sign(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) not in _UNSEEN:
        return character
    if character < " ":
        return chr(0x2400 + ord(character))
    return "\u2421" if character == "\x7f" else "\ufffd"


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in _JOINED or ord(character) in _JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
