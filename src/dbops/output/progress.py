"""A running migration or proof as lines: what is done on stdout, what is under way in one line of the terminal."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

from dbops.output import target
from dbops.output.explain import progress as explaining
from dbops.output.stream import put
from dbops.output.style import Style
from dbops.results.progress import (
    Event,
    MigrationDone,
    MigrationFailed,
    MigrationRetried,
    MigrationStarted,
    NodesAsked,
    Notice,
    StatementRunning,
    StatementSkipped,
    TargetKnown,
    Waiting,
    Warned,
    duration,
)
from dbops.results.proof import CopyAhead

_NAME_WIDTH = 28


class Lines:
    """Draws events. ``live`` draws what is under way on the terminal's last line, and takes it away again."""

    def __init__(self, out: TextIO, err: TextIO, style: Style, *, live: bool) -> None:
        self._out = out
        self._err = err
        self._style = style
        self._live = live
        self._drawn = False

    def __call__(self, event: Event) -> None:
        """Draw one event."""
        self.clear()
        match event:
            case TargetKnown():
                note = (
                    None
                    if event.pending is None
                    else "nothing to do"
                    if not event.pending
                    else f"{event.pending} to run"
                )
                self._print(target.line(event.target, self._style, note))
            case MigrationDone():
                self._print(self._done(event))
            case MigrationFailed():
                self._print(
                    f"{self._style('✗', 'red')} {self._label(event.version, event.name)} "
                    f"{self._style(event.code, 'red', 'bold')}; {event.left}"
                )
            case StatementSkipped():
                self._print(f"  {event.version} statement {event.statement}: {event.reason}")
            case MigrationRetried():
                self._print(self._retried(event))
            case Warned():
                self._print(f"{self._style('!', 'yellow')} {event.message}")
            case Notice() if self._live:
                self._print(self._style(f"  {event.severity}: {event.message}", "dim"))
            case CopyAhead():
                self._print(f"{self._style('!', 'yellow')} {explaining.ahead(event)}")
            case _ if self._live and (said := _under_way(event)):
                self._draw(said)

    def clear(self) -> None:
        """Take the live line away."""
        if self._drawn:
            put("\r\x1b[K", self._err, end="")
            self._drawn = False

    def _draw(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        put(text if len(text) <= width else text[: width - 1] + "…", self._err, end="")
        self._drawn = True

    def _print(self, text: str) -> None:
        put(text, self._out)

    def _label(self, version: str, name: str) -> str:
        return f"{version} {name:<{_NAME_WIDTH}}"

    def _done(self, event: MigrationDone) -> str:
        notes = [] if event.transactional else ["outside a transaction, journalled"]
        if event.retries:
            notes.append(f"{event.retries} {'retry' if event.retries == 1 else 'retries'}")
        mark = "✓" if event.direction == "up" else "↓"
        note = self._style("  " + ", ".join(notes), "dim") if notes else ""
        label = self._label(event.version, event.name)
        return f"{self._style(mark, 'green')} {label} {duration(event.execution_ms / 1000):>9}{note}"

    def _retried(self, event: MigrationRetried) -> str:
        lines = [
            f"{self._style('…', 'yellow')} {self._label(event.version, event.name)} {event.reason}; rolled back, try "
            f"{event.attempt + 1} of {event.attempts} in {duration(event.pause_s)}"
        ]
        lines += [f"  blocked by {blocker}" for blocker in event.blockers]
        return "\n".join(lines)


def _under_way(event: Event) -> str:
    match event:
        case Waiting():
            what = "the server" if event.what == "server" else "another runner"
            return f"  waiting for {what} {duration(event.waited_s)} of {duration(event.bound_s)}: {event.reason}"
        case StatementRunning():
            return _statement(event)
        case MigrationStarted():
            return f"  {event.version} {event.name} …"
        case NodesAsked():
            return f"  {event.answered} of {event.asked} nodes answered; watching, {duration(event.running_s)}"
    return explaining.under_way(event)


def _statement(event: StatementRunning) -> str:
    statement = f" statement {event.statement} of {event.statements}" if event.statement else ""
    text = f"  {event.version} {event.name}{statement} {duration(event.running_s)}"
    if event.progress:
        text += f"  {event.progress}"
    if event.blockers:
        text += "  blocked by " + "; ".join(map(str, event.blockers))
    return text


def lines_for_terminal(style: Style) -> Lines:
    """Return a drawer on this process's streams."""
    return Lines(sys.stdout, sys.stderr, style, live=sys.stderr.isatty())
