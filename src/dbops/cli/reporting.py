"""Where the events of a command that is under way go: logs for programs, lines for people."""

from __future__ import annotations

import sys
from collections.abc import Callable

from dbops.cli.events import Logged
from dbops.output.style import Style
from dbops.results.progress import Event


class Reporting:
    """``event`` takes the events; with ``json`` they are logged, else drawn, and logged where stderr is no terminal."""

    def __init__(self, style: Style, *, json: bool) -> None:
        self.json = json
        self.event: Callable[[Event], None] = Logged()
        self.clear: Callable[[], None] = lambda: None
        if json:
            return
        from dbops.output.progress import lines_for_terminal

        lines = lines_for_terminal(style)
        self.clear = lines.clear
        self.event = lines if sys.stderr.isatty() else Logged(only_waits=True, also=lines)
