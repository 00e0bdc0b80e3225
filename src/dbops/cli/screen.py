"""The terminal that results are shown on: its width, the time of day, and a screen of one's own while it is watched."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from dbops.output.stream import put

_PIPED = 100
"""The width of what is written to a file or a pipe."""


def width() -> int:
    """Return how many cells a line on stdout has."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPED


def now() -> str:
    """Return the time of day as it is shown."""
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


@contextmanager
def own(*, live: bool) -> Iterator[None]:
    """Have a screen of one's own without a cursor while the context lasts, where ``live``; then the old one is back."""
    if live:
        put("\x1b[?1049h\x1b[?25l", end="")
    try:
        yield
    finally:
        if live:
            put("\x1b[?25h\x1b[?1049l", end="")


def draw(lines: Iterable[str]) -> bool:
    """Draw the whole screen anew, and return whether there is anybody to see it."""
    text = "\r\n".join(f"{line}\x1b[K" for line in lines)
    return put(f"\x1b[H{text}\x1b[J", end="")
