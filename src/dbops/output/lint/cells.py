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
