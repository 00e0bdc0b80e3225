"""The nodes as a table of a terminal: columns by what they are worth, cascades behind rails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dbops.output.cells import shortened, width
from dbops.output.ha import cells
from dbops.output.ha.tree import Branch, branches
from dbops.output.prose import filled
from dbops.output.style import Style
from dbops.results.ha import HaNode

_GAP = 2
_NAME = 20
"""So many cells a name needs; columns give way to it."""
_LONGEST_NAME = 40
_LONGEST_CELL = 24
_STATES = {2: ("red", "bold"), 1: ("yellow",)}


@dataclass(frozen=True, slots=True)
class _Column:
    """``texts`` are those of the rows."""

    title: str
    rank: int
    texts: tuple[str, ...]

    @property
    def size(self) -> int:
        return max(map(width, (self.title, *self.texts)))


class Fact(NamedTuple):
    """A column: ``said`` tells of which nodes there must be one for it to be shown.

    Of columns that don't fit, the one with the lowest ``rank`` goes first.
    """

    title: str
    rank: int
    text: Callable[[HaNode], str]
    said: Callable[[HaNode], object]


COLUMNS = (
    Fact("ROLE", 8, cells.role, lambda _: True),
    Fact("STATE", 10, cells.state, lambda _: True),
    Fact("TL", 6, cells.timeline, lambda _: True),
    Fact("LAG", 9, cells.lag, lambda _: True),
    Fact("DELAY", 5, cells.delay, lambda node: node.lag_seconds is not None),
    Fact("SEEN", 7, cells.seen, lambda _: True),
    Fact("SYNC", 4, cells.sync, lambda node: node.sync_state),
    Fact("SLOT", 2, cells.slot, lambda node: node.slot),
    Fact("VERSION", 3, cells.version, lambda node: node.version),
    Fact("UPTIME", 1, cells.uptime, lambda node: node.uptime_seconds is not None),
    Fact("ADDRESS", 0, cells.place, lambda node: node.host is not None and node.host != node.name),
)
"""What is told of each node beside its name."""


def table(nodes: Sequence[HaNode], style: Style, room: int) -> list[str]:
    """Return a head, then a line a node in lines of at most ``room`` cells; what it failed of behind or below it."""
    rows = branches(nodes)
    return [head(rows, style, room), *(line for row in body(rows, style, room) for line in row)]


def body(rows: Sequence[Branch], style: Style, room: int) -> Iterator[list[str]]:
    """Yield the lines of each row."""
    name, columns = _fitted(rows, room)
    for place, row in enumerate(rows):
        yield list(_row(row, place, name, columns, style, room))


def head(rows: Sequence[Branch], style: Style, room: int) -> str:
    """Return the line of titles."""
    name, columns = _fitted(rows, room)
    titles = "".join(" " * _GAP + column.title.ljust(column.size) for column in columns)
    return style(shortened(f"{'MEMBER':<{name}}{titles}".rstrip(), room), "dim")


def _fitted(rows: Sequence[Branch], room: int) -> tuple[int, list[_Column]]:
    """Return the cells for names, and the columns that fit beside them."""
    wanted = min(max((width(row.lead + row.node.name) for row in rows), default=0), _LONGEST_NAME)
    wanted = max(wanted, len("MEMBER"))
    columns = [
        _Column(fact.title, fact.rank, tuple(shortened(fact.text(row.node), _LONGEST_CELL) for row in rows))
        for fact in COLUMNS
        if any(fact.said(row.node) for row in rows)
    ]
    while len(columns) > 1 and _taken(columns) > room - min(wanted, _NAME):
        columns.remove(min(columns, key=lambda column: column.rank))
    return min(wanted, room - _taken(columns)), columns


def _taken(columns: Sequence[_Column]) -> int:
    return sum(column.size + _GAP for column in columns)


def _row(row: Branch, place: int, name: int, columns: Sequence[_Column], style: Style, room: int) -> Iterator[str]:
    node, gap = row.node, " " * _GAP
    shown = shortened(row.node.name, max(name - width(row.lead), 1))
    line = (style(row.lead, "dim") if row.lead else "") + style(shown, *(["bold"] if cells.is_primary(node) else []))
    line += " " * (name - width(row.lead) - width(shown))
    taken = name
    error = " ".join((node.error or "").split())
    for column in columns:
        text = column.texts[place]
        if column.title == "SEEN" and cells.is_silent(node) and taken + _GAP + width(error) <= room:
            yield (line + gap + style(shortened(error, room), "yellow")).rstrip()
            return
        paint = _STATES.get(cells.trouble(node), ()) if column.title == "STATE" else ()
        line += gap + style(text, *paint) + " " * (column.size - width(text))
        taken += _GAP + column.size
    yield line.rstrip()
    if error:
        yield from (style(part, "yellow") for part in filled(error, room, indent="    "))
