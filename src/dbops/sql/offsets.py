"""Where the characters of a text that was made from another one came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
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


class Offsets:
    """A map from the offsets of a made text to those of its original; both count characters.

    ``pieces`` cover the made text in order; one that is not verbatim was put in place of something else.
    """

    __slots__ = ("_pieces", "_starts")

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = [piece for piece in pieces if piece.length or piece.width]
        self._starts = [piece.start for piece in self._pieces]

    @classmethod
    def shifted(cls, length: int, by: int = 0) -> Offsets:
        """Return the map of a text that stands verbatim in its original, from offset ``by`` on."""
        return cls([Piece(0, length, by, length)])

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
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = max(bisect_right(self._starts, max(end - 1, start)) - 1, 0)
        pieces = self._pieces[first : last + 1]
        return all(piece.verbatim for piece in pieces) and all(
            one.source + one.width == other.source for one, other in zip(pieces, pieces[1:], strict=False)
        )
