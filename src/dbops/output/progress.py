"""A running migration or proof as lines: what is done on stdout, what is under way in one line of the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

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
    ScratchReady,
    StatementRunning,
    StatementSkipped,
    TargetKnown,
    TenantEnded,
    Verified,
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
        if isinstance(event, Notice) and not self._live:
            return
        lasting = _LASTING.get(type(event))
        if lasting is not None:
            put(lasting(event, self._style), self._out)
        elif self._live and (said := _under_way(event)):
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


def _target(event: TargetKnown, style: Style) -> str:
    if event.pending is None:
        return target.line(event.target, style)
    return target.line(event.target, style, f"{event.pending} to run" if event.pending else "nothing to do")


def _label(version: str, name: str) -> str:
    if version.endswith(name):  # a repeatable one, a change of sqitch's: the version is its name
        return f"{version:<{_NAME_WIDTH + 5}}"
    return f"{version} {name:<{_NAME_WIDTH}}"


def _done(event: MigrationDone, style: Style) -> str:
    how = "outside a transaction, journalled" if event.journalled else "with a block outside its transaction"
    notes = [] if event.transactional else [how]
    if event.retries:
        notes.append(f"{event.retries} {'retry' if event.retries == 1 else 'retries'}")
    mark = "✓" if event.direction == "up" else "↓"
    note = style("  " + ", ".join(notes), "dim") if notes else ""
    label = _label(event.version, event.name)
    return f"{style(mark, 'green')} {label} {duration(event.execution_ms / 1000):>9}{note}"


def _failed(event: MigrationFailed, style: Style) -> str:
    label = _label(event.version, event.name)
    return f"{style('✗', 'red')} {label} {style(event.code, 'red', 'bold')}; {event.left}"


def _retried(event: MigrationRetried, style: Style) -> str:
    lines = [
        f"{style('…', 'yellow')} {_label(event.version, event.name)} {event.reason}; rolled back, try "
        f"{event.attempt + 1} of {event.attempts} in {duration(event.pause_s)}"
    ]
    lines += [f"  blocked by {blocker}" for blocker in event.blockers]
    return "\n".join(lines)


def _tenant(event: TenantEnded, style: Style) -> str:
    from dbops.output import fanout

    return fanout.ended(event, style)


def _scratch(event: ScratchReady, style: Style) -> str:
    from dbops.output import verify

    return verify.begun(event, style)


def _verified(event: Verified, style: Style) -> str:
    from dbops.output import verify

    return verify.ended(event, style)


_LASTING: Mapping[type[Event], Callable[[Any, Style], str]] = {
    TargetKnown: _target,
    MigrationDone: _done,
    MigrationFailed: _failed,
    MigrationRetried: _retried,
    StatementSkipped: lambda event, _: f"  {event.version} statement {event.statement}: {event.reason}",
    Warned: lambda event, style: f"{style('!', 'yellow')} {event.message}",
    Notice: lambda event, style: style(f"  {event.severity}: {event.message}", "dim"),
    CopyAhead: lambda event, style: f"{style('!', 'yellow')} {explaining.ahead(event)}",
    TenantEnded: _tenant,
    ScratchReady: _scratch,
    Verified: _verified,
}
"""The events that leave a line on stdout, each with what says it; the others are drawn while they last."""


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
