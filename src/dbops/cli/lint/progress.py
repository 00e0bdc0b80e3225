"""How far a run of lint has come, when it takes longer than a second."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType

from dbops import log
from dbops.output.stream import put
from dbops.output.style import Style

_SILENT = 1.0
"""Seconds before anything is said."""
_EVERY = {True: 0.1, False: 15.0}
"""Seconds between two lines, on a terminal and in a log."""
_WIDEST = 30
"""Cells of the bar."""


class Counter:
    """Draws ``done`` of ``total`` files on stderr: one line that is taken away again, or a log line now and then."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"  # a dumb one takes no line away
        self._next = time.monotonic() + _SILENT
        self._drawn = False

    def __enter__(self) -> Counter:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Note how far it is."""
        now = time.monotonic()
        if now < self._next or not total:
            return
        self._next = now + _EVERY[self._live]
        if self._live:
            self._draw(done, total)
        else:
            log.info("lint_progress", done=done, total=total)

    def _draw(self, done: int, total: int) -> None:
        said = f" {done} of {total} files"
        width = max(min(_WIDEST, _columns() - len("  lint ") - len(said) - 1), 0)  # a line that wraps is not taken away
        filled = width * done // total
        bar = "█" * filled + "░" * (width - filled)
        put(f"\r  lint {self._style(bar, 'cyan')}{said}", sys.stderr, end="")
        self._drawn = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            put("\r\x1b[K", sys.stderr, end="")


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):  # a terminal that tells no size
        return 80
