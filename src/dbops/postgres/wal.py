"""Places in the WAL, in bytes since 0/0, and what they tell of how long a standby lacks something. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_BLOCK = 8192
_PAGE_HEADERS = (24, 40)
"""Bytes of a WAL page's header, and of a segment's first (``SizeOfXLogShortPHD``, ``SizeOfXLogLongPHD``)."""


def end(written: int, flushed: int) -> int:
    """Return the end of a primary's WAL.

    At a page's end the insert position stands behind the next page's header, which holds nothing to lose.
    """
    if written - flushed in _PAGE_HEADERS and flushed % _BLOCK == 0:
        return flushed
    return max(written, flushed)


def last_reached(place: int, ends: Iterable[tuple[float, int]]) -> float | None:
    """Return the last of the moments at which the primary's WAL ended no further than a standby's place.

    ``ends`` are moments with the end at each. What the primary has written since then is what the standby lacks: it
    lacks nothing older. None where it lacked something at each of them.
    """
    return max((at for at, reached in ends if reached <= place), default=None)
