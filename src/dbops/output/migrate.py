"""``dbops migrate``'s results as tables and lines."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dbops.output import target
from dbops.output.style import Style
from dbops.results.migration import (
    TROUBLED,
    DownResult,
    HistoryResult,
    ImportResult,
    MigrationStatus,
    NewResult,
    RedoResult,
    State,
    StatusResult,
    UpResult,
    WrittenResult,
)
from dbops.results.progress import duration

_AMONG_APPLIED = (State.MODIFIED, State.MISSING, State.DATABASE_AHEAD)
_PAINT = {State.APPLIED: ("green",), State.PENDING: ("yellow",), State.DATABASE_AHEAD: ("blue",)}


def render(result: Any, style: Style) -> str:
    """Return the text for any of migrate's results."""
    own = _RENDERERS.get(type(result))
    text: str = own(result, style) if own is not None else _module(result).render(result, style)
    return text


def report(result: Any) -> str:
    """Return the JUnit report for a result that has one."""
    text: str = _module(result).report(result)
    return text


def _module(result: Any) -> Any:
    return importlib.import_module(f"dbops.output.{_ELSEWHERE[type(result).__name__]}")


def failed_run(context: Mapping[str, Any], *, retryable: bool, style: Style) -> str | None:
    """Return the last line of a failed run: how far it came, and whether running it again is safe."""
    done = context.get("applied", context.get("reverted"))
    if done is None or "pending" not in context:
        return None
    run = style("run " + str(context.get("run_id")), "dim")
    pending, failed = context["pending"], context.get("failed")
    again = _again(context, retryable=retryable)
    if not done and failed is None:
        return f"Nothing was run{f', {len(pending)} pending' if pending else ''}.{again}   {run}"
    verb = "Applied" if "applied" in context else "Reverted"
    total = len(done) + len(pending) + (failed is not None and failed["version"] not in pending)
    return f"{verb} {len(done)} of {total}.{again}   {run}"


def _again(context: Mapping[str, Any], *, retryable: bool) -> str:
    if "journalled" in str(context.get("left")):
        return " Running it again resumes where it stopped."
    if "half way" in str(context.get("left")):
        return " The failed one is left half way."
    if "committed and stays" in str(context.get("left")):
        return " What the failed one committed stays."
    if retryable:
        return " Retryable: running it again is safe."
    return "" if context.get("failed") is None else " Nothing of the failed one was kept."


def _status(result: StatusResult, style: Style) -> str:
    lines = [target.line(result.target, style)]
    if result.migrations:
        lines.append(_status_table(result, style))
    lines.append(_status_summary(result, style))
    if result.running:
        lines.append(f"a runner is at work: {result.running}")
    return "\n".join(lines)


def _status_table(result: StatusResult, style: Style) -> str:
    from tabulate import tabulate

    headers = ["version", "name", "state", "applied at (UTC)", "took", "down"]
    if any(status.note for status in result.migrations):
        headers.append("note")
    rows = [_status_row(status, style)[: len(headers)] for status in result.migrations]
    return tabulate(rows, headers=headers, disable_numparse=True)


def _status_row(status: MigrationStatus, style: Style) -> Sequence[str]:
    paint = ("red", "bold") if status.state in TROUBLED else _PAINT.get(status.state, ())
    return (
        status.version,
        status.name,
        style(status.state.value, *paint),
        (status.applied_at or "")[:19].replace("T", " "),
        "" if status.execution_ms is None else duration(status.execution_ms / 1000),
        {True: "yes", False: "no", None: "?"}[status.reversible],
        status.note or "",
    )


def _status_summary(result: StatusResult, style: Style) -> str:
    troubled = [status for status in result.migrations if status.state in TROUBLED]
    summary = f"{result.applied} applied{_of_them(result, _AMONG_APPLIED, style)}, "
    summary += f"{result.pending} pending{_of_them(result, (State.OUT_OF_ORDER,), style)}"
    failed = sum(status.state == State.FAILED for status in result.migrations)
    if failed:
        summary += ", " + style(f"{failed} failed", "red")
    return summary if troubled or result.pending else f"{style('✓', 'green')} up to date: {summary}"


def _of_them(result: StatusResult, states: Sequence[State], style: Style) -> str:
    """Return what is special about some of those that were counted, in brackets."""
    counts = [(state, sum(status.state == state for status in result.migrations)) for state in states]
    said = [
        style(f"{count} {state.value.replace('_', ' ')}", "red" if state in TROUBLED else "blue")
        for state, count in counts
        if count
    ]
    return f" ({', '.join(said)})" if said else ""


def _up(result: UpResult, style: Style) -> str:
    run = style(f"run {result.run_id}", "dim")
    if not result.applied:
        return (
            f"Up to date.   {run}" if not result.pending else f"Nothing applied, {len(result.pending)} pending.   {run}"
        )
    left = f", {len(result.pending)} pending" if result.pending else ""
    return f"Applied {len(result.applied)}{left}.   {run}"


def _down(result: DownResult, style: Style) -> str:
    run = style(f"run {result.run_id}", "dim")
    return f"Reverted {len(result.reverted)}.   {run}" if result.reverted else f"Nothing to revert.   {run}"


def _redo(result: RedoResult, style: Style) -> str:
    run = style(f"run {result.run_id}", "dim")
    if not result.reverted:
        return f"Nothing to redo.   {run}"
    return f"Reverted {len(result.reverted)} and applied {len(result.applied)} again.   {run}"


def _history(result: HistoryResult, style: Style) -> str:
    run = style(f"run {result.run_id}", "dim")
    lines = [f"{style('✓', 'green')} {change.version} {change.name}: {change.change}" for change in result.changes]
    lines.append(f"{result.action}: {len(result.changes)} changed.   {run}" if lines else f"Nothing to change.   {run}")
    return "\n".join(lines)


def _new(result: NewResult, _style: Style) -> str:
    return f"Made {result.path}"


def _import(result: ImportResult, style: Style) -> str:
    lines = []
    for each in result.migrations:
        before = style(f"from {' and '.join(_inside(result, path) for path in each.sources)}", "dim")
        lines.append(f"{style('✓', 'green')} {each.path}  {before}{'' if each.reversible else '  no down'}")
    lines += [
        f"{style('-', 'dim')} {_inside(result, path)}  {style('nothing comes of it', 'dim')}" for path in result.unused
    ]
    if result.variables:
        names = ", ".join(f"${{{name}}}" for name in result.variables)
        lines.append(f"{style('!', 'yellow')} give values when they are run, with --var: {names}")
    count = len(result.migrations)
    lines.append(f"Wrote {count} migration{'' if count == 1 else 's'} of {result.format} to {result.directory}.")
    return "\n".join(lines)


def _inside(result: ImportResult, path: str) -> str:
    return path.removeprefix(f"{result.source.rstrip('/')}/")


def _written(result: WrittenResult, _style: Style) -> str:
    if result.path is None:
        return f"Nothing to write: what can be compared is as {result.origin} has it."
    return f"Made {result.path}: {_statements(result.up)} up, {_statements(result.down)} down."


def _statements(count: int) -> str:
    return f"{count} statement{'' if count == 1 else 's'}"


_RENDERERS: Mapping[type, Callable[[Any, Style], str]] = {
    StatusResult: _status,
    UpResult: _up,
    DownResult: _down,
    RedoResult: _redo,
    HistoryResult: _history,
    NewResult: _new,
    WrittenResult: _written,
    ImportResult: _import,
}
# Modules of this room, loaded when they are needed: `status` and `up` are run all the time.
_ELSEWHERE: Mapping[str, str] = {
    "AdoptResult": "adopt",
    "DriftResult": "drift",
    "DumpResult": "dump",
    "FanOutResult": "fanout",
    "PlanResult": "plan",
    "SquashResult": "squash",
    "VerifyResult": "verify",
}
