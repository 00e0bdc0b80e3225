"""What the checks say, as lines of a terminal: what did not pass with its remedy, then how many did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.output.cells import printable, shortened, width
from dbops.output.ha import remedy
from dbops.output.ha.said import MARKS, Kind, Said, acceptance, matters, names
from dbops.output.prose import filled
from dbops.output.style import Style

PAINT: dict[Kind, tuple[str, ...]] = {
    Kind.FAIL: ("red", "bold"),
    Kind.WARNING: ("yellow",),
    Kind.UNKNOWN: ("yellow",),
    Kind.INFO: ("cyan",),
    Kind.ACCEPTED: ("dim",),
}
_ID = 22
_NODE = 20
"""What is said of those with longer ids and names stands below them."""
_TEXT = 36
"""So many cells a message needs to stand beside its check; else it stands below."""
_INDENT = "    "


def checks(some: Sequence[Said], style: Style, room: int) -> Iterator[str]:
    """Yield the lines, of at most ``room`` cells; a line to paste is not broken."""
    ids, nodes = sizes(some)
    beside = 2 + ids + 2 + nodes + 2
    for each in some:
        lead = f"{style(MARKS[each.kind], *PAINT[each.kind])} {_id(each, ids, style)}"
        text = _message(each)
        if room - beside >= _TEXT and len(each.id) <= ids and width(each.where) <= nodes:
            first, *others = filled(text, room - beside) or [""]
            where = printable(each.where)
            yield f"{lead}  {where}{' ' * (nodes - width(where))}  {first}".rstrip()
            yield from (" " * beside + line for line in others)
        else:
            yield f"{lead}  {shortened(each.where, max(room - 2 - max(ids, len(each.id)) - 2, 1))}"
            yield from filled(text, room, indent=_INDENT)
        yield from _below(each, style, room)


def sizes(some: Sequence[Said]) -> tuple[int, int]:
    """Return the cells of the columns of ids and of nodes."""
    ids = max((len(each.id) for each in some), default=0)
    nodes = max((width(each.where) for each in some), default=0)
    return min(ids, _ID), min(nodes, _NODE)


def _id(each: Said, cells: int, style: Style) -> str:
    return style(each.id, "bold") + " " * (cells - len(each.id))


def _message(each: Said) -> str:
    only = matters(each.only)
    return each.message + (f" ({only})" if only else "")


def _below(each: Said, style: Style, room: int) -> Iterator[str]:
    if len(each.nodes) > 1:
        yield from filled(names(each.nodes), room, indent=_INDENT)
    if each.accepted is not None:
        yield from (style(line, "dim") for line in filled(acceptance(each.accepted), room, indent=_INDENT))
    if each.kind is not Kind.ACCEPTED:
        for number, line in enumerate(remedy.lines(each.remedy, room - len(_INDENT) - 2)):
            yield f"{_INDENT}{style('→', 'cyan') if not number else ' '} {line}"
    if each.more:
        left = f"… and the like of {names(each.more)}"
        yield from (style(line, "dim") for line in filled(left, room, indent=_INDENT))
