"""Where the characters of a text that was made from another one came from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple


class Piece(NamedTuple):
    """``length`` characters of a made text, beginning at ``start``, which come from ``source`` of the original.

    ``width`` is how many characters of the original they stand for. A ``verbatim`` piece is the original's text,
    character for character.
    """

    start: int
    length: int
    source: int
    width: int
    verbatim: bool = True


class Replacement(NamedTuple):
    """``text`` put in place of the characters ``start`` to ``end`` of an original."""

    start: int
    end: int
    text: str


class Offsets:
    """A map from the offsets of a made text to those of its original; both count characters.

    ``pieces`` cover the made text in order; one that is not verbatim was put in place of something else.
    """

    __slots__ = ("_pieces", "_starts")

    def __init__(self, pieces: Iterable[Piece]) -> None:
        given = list(pieces)
        self._pieces = [piece for piece in given if piece.length or piece.width] or given[:1]
        self._starts = [piece.start for piece in self._pieces]

    @classmethod
    def shifted(cls, length: int, by: int = 0) -> Offsets:
        """Return the map of a text that stands verbatim in its original, from offset ``by`` on."""
        return cls([Piece(0, length, by, length)])

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces, in order."""
        return tuple(self._pieces)

    def source(self, offset: int, *, end: bool = False) -> int:
        """Return the original's offset; ``end`` when ``offset`` is where something ends rather than begins."""
        if not self._pieces:
            return 0
        # What ends where a piece begins ends with the piece before it.
        piece = self._pieces[max(bisect_right(self._starts, offset - (1 if end and offset else 0)) - 1, 0)]
        within = offset - piece.start
        if piece.verbatim or within <= 0:
            return piece.source + max(within, 0)
        return piece.source + (piece.width if end or within >= piece.length else 0)

    def verbatim(self, start: int, end: int) -> bool:
        """Whether ``start`` to ``end`` stands unchanged, and in one stretch, in the original."""
        pieces = [piece for piece in self._touched(start, max(end, start + 1)) if piece.length]
        return all(piece.verbatim for piece in pieces) and all(
            one.source + one.width == other.source for one, other in pairwise(pieces)
        )

    def through(self, original: Offsets) -> Offsets:
        """Return the map to what the original was made from, where ``original`` leads from here to there."""
        return Offsets(led for piece in self._pieces for led in original._lead(piece))

    def _lead(self, piece: Piece) -> Iterator[Piece]:
        """Yield a piece that comes from this map's text as pieces that come from this map's original."""
        begin, end = piece.source, piece.source + piece.width
        if not (piece.verbatim and piece.length):
            source = self.source(begin)
            yield piece._replace(source=source, width=max(self.source(end, end=True) - source, 0))
            return
        for step in self._touched(begin, end):
            first, last = max(step.start, begin), min(step.start + step.length, end)
            start = piece.start + first - begin
            if step.verbatim:
                yield Piece(start, last - first, step.source + first - step.start, last - first)
            else:
                yield Piece(start, last - first, step.source, step.width, verbatim=False)

    def _touched(self, start: int, end: int) -> list[Piece]:
        """Return the pieces that have characters, or stand for some, from ``start`` to before ``end``."""
        first = bisect_left(self._starts, start)
        if first == len(self._starts) or self._starts[first] > start:
            first = max(first - 1, 0)
        return self._pieces[first : max(bisect_left(self._starts, end), first + 1)]


def replaced(text: str, replacements: Iterable[Replacement]) -> tuple[str, Offsets]:
    """Return the text with replacements, which are in order and apart, and the map back to it."""
    parts: list[str] = []
    pieces: list[Piece] = []
    made = done = 0
    for start, end, new in replacements:
        parts += (text[done:start], new)
        pieces.append(Piece(made, start - done, done, start - done))
        made += start - done
        pieces.append(Piece(made, len(new), start, end - start, verbatim=False))
        made += len(new)
        done = end
    parts.append(text[done:])
    pieces.append(Piece(made, len(text) - done, done, len(text) - done))
    return "".join(parts), Offsets(pieces)
