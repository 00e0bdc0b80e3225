"""What ``plan --trace`` saw, as lines under each statement."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.output.style import Style
from dbops.results.figures import size
from dbops.results.trace import BuiltIndex, Touched, Trace, TracedLock, TracedStatement

_ALL = "reads and writes"


def lines(traced: TracedStatement | None, style: Style) -> list[str]:
    """Return the lines about one statement."""
    if traced is None:
        return [style("not run on the copy", "dim")]
    if traced.failure is not None:
        return [style(f"would fail: {traced.failure}", "red")]
    return [*_work(traced, style), *_locks(traced, style)]


def basis(trace: Trace) -> str:
    """Return the line that says what it is worth."""
    return f"Traced on {trace.scratch}: {trace.basis}."


def _work(traced: TracedStatement, style: Style) -> Iterator[str]:
    """Say what takes time, with what waits meanwhile."""
    for each in traced.rewrites:
        yield style(f"rewrites {each.relation}, {_costs(each)}", "red")
    for index in traced.builds:
        again = " again" if index.again else ""
        yield style(f"builds {index.index}{again} on {index.relation}, {_costs(index)}", "yellow")
    built = {index.relation for index in traced.builds}
    for each in traced.scans or ():
        if each.relation not in built:
            yield style(f"scans {each.relation}, {_costs(each)}", "yellow")


def _locks(traced: TracedStatement, style: Style) -> Iterator[str]:
    if traced.locks is None:
        yield style("locks not seen: they were gone with the statement", "dim")
    for lock in traced.locks or ():
        yield style(f"took {lock.lock} on {lock.relation}: blocks {lock.blocks}", *_paint(lock))


def _paint(lock: TracedLock) -> tuple[str, ...]:
    return ("red",) if lock.blocks == _ALL else ("dim",)


def _costs(touched: Touched | BuiltIndex) -> str:
    said = "size unknown" if touched.bytes is None else size(touched.bytes)
    return f"{said}, blocks {touched.blocks}" if touched.blocks else said
