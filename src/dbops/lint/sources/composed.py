"""Text that a program puts together from its literals, and where each character of it stands in the file. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dbops.sql.offsets import Offsets, Piece, Replacement, replaced

_NO_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Composed:
    """``offsets`` lead from ``text`` to the file; ``holes`` are the spans of words for what only the program knows.

    ``shared`` says that some of it was reached through a name, and may be used elsewhere as well.
    """

    text: str
    offsets: Offsets
    holes: tuple[tuple[int, int], ...] = ()
    shared: bool = False

    def formatted(self, fields: re.Pattern[str], made: Callable[[re.Match[str]], str]) -> Composed:
        """Return the text after formatting: ``made`` returns what a match of ``fields`` becomes, a hole or a sign."""
        replacements = [Replacement(match.start(), match.end(), made(match)) for match in fields.finditer(self.text)]
        text, back = replaced(self.text, replacements)
        new = tuple((start, end) for start, end in _made(replacements) if end - start > 1)
        kept = tuple(_moved(self.holes, replacements))
        return Composed(text, back.through(self.offsets), tuple(sorted(new + kept)), self.shared)


def _made(replacements: list[Replacement]) -> Iterator[tuple[int, int]]:
    """Yield where the replacements stand in the made text."""
    by = 0
    for start, end, text in replacements:
        yield start + by, start + by + len(text)
        by += len(text) - (end - start)


def _moved(spans: Iterable[tuple[int, int]], replacements: list[Replacement]) -> Iterator[tuple[int, int]]:
    """Yield where spans apart from the replacements stand in the made text."""
    for first, last in spans:
        by = sum(len(text) - (end - start) for start, end, text in replacements if end <= first)
        yield first + by, last + by


class Builder:
    """Puts a Composed together from left to right."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pieces: list[Piece] = []
        self._holes: list[tuple[int, int]] = []
        self._length = 0

    def add(self, text: str, source: int, width: int, *, verbatim: bool = False) -> None:
        """Add text that stands for ``width`` characters of the file from ``source`` on."""
        self._parts.append(text)
        self._pieces.append(Piece(self._length, len(text), source, width, verbatim))
        self._length += len(text)

    def hole(self, said: str, source: int, width: int) -> None:
        """Add a word for what the program puts here; ``said`` is the expression in the program."""
        word = hole_word(said)
        self._holes.append((self._length, self._length + len(word)))
        self.add(word, source, width)

    def built(self) -> Composed:
        """Return what was put together."""
        return Composed("".join(self._parts), Offsets(self._pieces), tuple(self._holes))


def hole_word(said: str) -> str:
    """Return a word that SQL can have as a name, which reminds of an expression of the program."""
    name = _NO_NAME.sub("_", said.lower()).strip("_")[:_LONGEST_NAME]
    return f"_{name or 'x'}_"


def joined(parts: Iterable[Composed]) -> Composed:
    """Return texts put one behind the other."""
    text, length, shared = [], 0, False
    pieces: list[Piece] = []
    holes: list[tuple[int, int]] = []
    for part in parts:
        text.append(part.text)
        pieces += (piece._replace(start=piece.start + length) for piece in part.offsets.pieces)
        holes += ((start + length, end + length) for start, end in part.holes)
        length += len(part.text)
        shared = shared or part.shared
    return Composed("".join(text), Offsets(pieces), tuple(holes), shared)
