"""``dbops top`` as text: two lines a statement, its figures and its query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from tabulate import tabulate

from dbops.output import figures, target
from dbops.output.cells import pieces, shortened, width
from dbops.output.prose import counted, filled
from dbops.output.spark import spark
from dbops.output.style import Style
from dbops.results.progress import duration
from dbops.results.workload import Order, TopResult, TopStatement

_SPARK = 30
_NARROWEST = 4
_HIDDEN = "(statements of other roles, which this one may not see)"
_GONE = "(its text is gone)"
_UNKNOWN = "?"


class _Column(NamedTuple):
    head: str
    order: Order | None
    cell: Callable[[TopStatement], str]


_COLUMNS = (
    _Column("TOTAL", Order.TOTAL, lambda each: figures.time(each.total_ms)),
    _Column("SHARE", None, lambda each: _UNKNOWN if each.share is None else figures.share(each.share)),
    _Column("CALLS", Order.CALLS, lambda each: figures.count(each.calls)),
    _Column("MEAN", Order.MEAN, lambda each: _UNKNOWN if each.mean_ms is None else figures.time(each.mean_ms)),
    _Column("ROWS", Order.ROWS, lambda each: figures.count(each.rows)),
    _Column("I/O", Order.IO, lambda each: _size(each.read_bytes + each.written_bytes)),
    _Column("I/O TIME", None, lambda each: _UNKNOWN if each.io_ms is None else figures.time(each.io_ms)),
    _Column("TEMP", Order.TEMP, lambda each: _size(each.temp_bytes)),
    _Column("WAL", Order.WAL, lambda each: _UNKNOWN if each.wal_bytes is None else _size(each.wal_bytes)),
)


def render(result: TopResult, style: Style, room: int, *, full: bool = False) -> str:
    """Return all but the target, which was told before; ``full`` shows each query whole rather than a line of it."""
    lines = filled(summary(result), room)
    if result.statements:
        lines += ["", *_head(result, style, room), *chain.from_iterable(_statements(result, style, room, full=full))]
    notes = [line for note in result.notes for line in filled(f"· {note}", room)]
    return "\n".join([*lines, *([""] if notes else []), *(style(note, "dim") for note in notes)])


def screen(result: TopResult, style: Style, room: int, height: int, at: str) -> list[str]:
    """Return at most ``height`` lines of at most ``room`` cells; ``at`` is the time of day as it is shown.

    What makes the figures other than they look comes before the table, since what is below may not fit.
    """
    where = shortened(target.line(result.target, Style(colour=False)), max(room - len(at) - 2, 1))
    lines = [where + " " * (room - width(where) - len(at)) + style(at, "dim"), shortened(summary(result), room)]
    lines += [style(shortened(f"· {note}", room), "dim") for note in result.notes]
    if result.statements:
        lines += ["", *_head(result, style, room)]
    for statement in _statements(result, style, room, full=False):
        if len(lines) + len(statement) > height:
            break
        lines += statement
    return lines[:height]


def summary(result: TopResult) -> str:
    """Return how much there was, when, and what comes first."""
    if not result.seen and result.measured_s is not None:
        return f"{_amount(result)} in {duration(result.measured_s)}"
    if result.measured_s is None:
        begin = f"since {result.since}" if result.since else "since they were last reset, nobody knows when"
        return f"{_amount(result)} {begin}; sorted by {result.order}"
    busy = result.total_ms / 1000 / result.measured_s if result.measured_s else 0.0
    return (
        f"{_amount(result)} in {duration(result.measured_s)} (sessions at work on average: {busy:.2f}); "
        f"sorted by {result.order}"
    )


def _amount(result: TopResult) -> str:
    if not result.seen:
        return "No statement ended"
    time = figures.time(result.total_ms)
    calls = f"{figures.count(result.calls)} call{'' if result.calls == 1 else 's'}"
    return f"{counted(result.seen, 'statement')}, {calls}, {time} of execution"


def _head(result: TopResult, style: Style, room: int) -> list[str]:
    table = _table(result, room)[0]
    drawn = _drawn(result, table, room)
    ends = [f"{'MS/S':<{drawn}}"] if drawn else []
    return [style(shortened("  ".join([table, *ends, "QUERYID"]), room), "bold")]


def _statements(result: TopResult, style: Style, room: int, *, full: bool) -> Iterator[list[str]]:
    head, *rows = _table(result, room)
    drawn = _drawn(result, head, room)
    for statement, row in zip(result.statements, rows, strict=True):
        ends = [f"{spark(statement.history, drawn):<{drawn}}"] if drawn else []
        yield [
            shortened("  ".join([row, *ends, _id(statement)]).rstrip(), room),
            *_query(statement, style, room, full=full),
        ]


def _drawn(result: TopResult, head: str, room: int) -> int:
    """Return how wide the time over the interval is drawn: what the other columns leave, 0 where there is none."""
    longest = max((len(each.history) for each in result.statements), default=0)
    left = room - len(head) - 4 - _longest_id(result)
    return max(min(longest, _SPARK, left), _NARROWEST) if longest and left >= _NARROWEST else 0


def _longest_id(result: TopResult) -> int:
    return max((len(_id(each)) for each in result.statements), default=0)


def _table(result: TopResult, room: int) -> list[str]:
    """Return a line for the heads and one a statement, without the columns for which a queryid leaves no room."""
    columns = _columns(result)
    lines = _lines(result, columns)
    for column in sorted(columns[1:], key=_COLUMNS.index, reverse=True):
        if len(lines[0]) + 2 + _longest_id(result) <= room:
            break
        if column.order is not result.order:
            columns.remove(column)
            lines = _lines(result, columns)
    return lines


def _lines(result: TopResult, columns: list[_Column]) -> list[str]:
    heads, rows = _cells(result, columns)
    align = ["right"] * len(heads)
    lines = tabulate(rows, heads, tablefmt="plain", colalign=align, disable_numparse=True).splitlines()
    return [line.ljust(len(lines[0])) for line in lines]


def cells(result: TopResult) -> tuple[list[str], list[list[str]]]:
    """Return heads and rows; columns in which there is nothing are left out, but never the one that is sorted by."""
    return _cells(result, _columns(result))


def _columns(result: TopResult) -> list[_Column]:
    return [
        column
        for column in _COLUMNS
        if column.order is result.order or any(column.cell(each) not in {"", _UNKNOWN} for each in result.statements)
    ]


def _cells(result: TopResult, columns: list[_Column]) -> tuple[list[str], list[list[str]]]:
    heads = [f"{column.head}↓" if column.order is result.order else column.head for column in columns]
    return heads, [[column.cell(each) for column in columns] for each in result.statements]


def _id(statement: TopStatement) -> str:
    if statement.queryid is None:
        return ""
    return str(statement.queryid) + (" in functions" if statement.nested else "")


def _query(statement: TopStatement, style: Style, room: int, *, full: bool) -> list[str]:
    text, paint = text_of(statement), "dim" if statement.query is None else "cyan"
    if not full:
        return [style(f"    {shortened(' '.join(text.split()), room - 4)}", paint)]
    parts = chain.from_iterable(pieces(line, room - 4) for line in text.splitlines())
    return [style(f"    {part}", paint) for part in parts]


def text_of(statement: TopStatement) -> str:
    """Return the query, or why there is none."""
    if statement.query is not None:
        return statement.query
    return _HIDDEN if statement.queryid is None else _GONE


def _size(number: int) -> str:
    return figures.size(number) if number else ""
