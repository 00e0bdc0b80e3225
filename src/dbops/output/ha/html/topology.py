"""The picture of who feeds whom: boxes and arrows, across a wide screen or down a narrow one.

What a node does is told by its letter, its border and its words, what an arrow carries by its stroke and its label:
colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dbops.output.ha import cells
from dbops.output.ha.tree import Branch, branches
from dbops.results.ha import HaNode, HaStatus

WIDTH, HEIGHT = 224, 64
"""Pixels of a box."""
_ACROSS, _ROW = 176, 86
"""Pixels between two columns, and from one box of a column to the next."""
_MOST_COLUMNS = 3
_LIFT = 2.5
"""A node stands beside the middle of those it feeds, at most so many rows below the first of them."""
_LABEL = 34
"""Pixels above a box for what its arrow carries, where the picture goes down."""
_INDENTS = (28.0, 12.0, 112.0)
"""Pixels from a node to those it feeds, at least, and in all where that can be."""
_TRUNK = 26
_MARGIN = 12


class Flow(StrEnum):
    """What comes through an arrow."""

    SYNC = "sync"
    STREAMING = "streaming"
    CATCHUP = "catchup"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Box:
    """A node: ``letter`` and ``kind`` (primary, standby, silent, down) say what it is, ``tag`` what else it is.

    A ``rival`` takes writes as another one does.
    """

    x: float
    y: float
    node: HaNode
    kind: str
    letter: str
    text: str
    timeline: str
    tag: str
    rival: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """What feeds a node; one that comes from none is a stub. ``head`` is a tip, a cross on what is broken, or "".

    ``labels`` are texts and where they stand.
    """

    path: str
    head: str
    flow: Flow
    labels: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of a size in pixels; ``form`` is ``across2``, ``across3`` (so many columns) or ``down``."""

    form: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def pictures(status: HaStatus) -> tuple[Picture, ...]:
    """Return the picture, in both forms where it has columns that fit a screen; none for no nodes."""
    rows = _hung(branches(status.nodes))
    if not rows:
        return ()
    columns = max(row.depth for row in rows) + 1
    down = _picture("down", status, rows, _down(rows))
    if not 1 < columns <= _MOST_COLUMNS:
        return (replace(down, form="down only"),)
    return (_picture(f"across{columns}", status, rows, _across(rows)), down)


def _hung(rows: Sequence[Branch]) -> list[Branch]:
    """Return the rows with what nobody is known to feed beside those that a primary feeds, and below them."""
    feeding = [row for row in rows if row.depth > 0 or row.feeds or cells.is_primary(row.node)]
    loose = [row for row in rows if row.depth == 0 and not row.feeds and not cells.is_primary(row.node)]
    return [*feeding, *(replace(row, depth=1 if feeding else 0) for row in loose)]


def _across(rows: Sequence[Branch]) -> list[tuple[float, float]]:
    """Return each row's place: columns by depth, each node beside those that it feeds."""
    lines: dict[int, float] = {}
    free = 0
    for place in reversed(range(len(rows))):  # children before their parents, from the bottom
        below = [lines[at] for at in range(place + 1, len(rows)) if rows[at].parent is rows[place].node and at in lines]
        if below:
            first, last = min(below), max(below)
            lines[place] = min((first + last) / 2, first + _LIFT)
        else:
            free -= 1
            lines[place] = float(free)
    top = min(lines.values())
    return [
        (row.depth * (WIDTH + _ACROSS) + _MARGIN, (lines[place] - top) * _ROW + _MARGIN)
        for place, row in enumerate(rows)
    ]


def _down(rows: Sequence[Branch]) -> list[tuple[float, float]]:
    """Return each row's place: one below the other, each to the right of the one that feeds it."""
    step = _indent(rows)
    places: list[tuple[float, float]] = []
    y = float(_MARGIN)
    for row in rows:
        y += _LABEL - _MARGIN if not places and _is_labelled(row) else _LABEL if places else 0
        places.append((row.depth * step + 2, y))
        y += HEIGHT
    return places


def _indent(rows: Sequence[Branch]) -> float:
    most, least, whole = _INDENTS
    return max(least, min(most, whole / max(1, *(row.depth for row in rows))))


def _picture(form: str, status: HaStatus, rows: Sequence[Branch], places: Sequence[tuple[float, float]]) -> Picture:
    writers = sum(cells.is_primary(node) for node in status.nodes)
    boxes = [_box(row.node, at, status, writers) for row, at in zip(rows, places, strict=True)]
    by_node = {id(row.node): box for row, box in zip(rows, boxes, strict=True)}
    draw = _beside if form.startswith("across") else _below
    arrows = [
        draw(row, box, None if row.parent is None else by_node[id(row.parent)])
        for row, box in zip(rows, boxes, strict=True)
        if _is_labelled(row)
    ]
    width, height = max(box.x for box in boxes) + WIDTH + 2, max(box.y for box in boxes) + HEIGHT + _MARGIN
    return Picture(form, width, height, tuple(boxes), tuple(arrows))


def _is_labelled(row: Branch) -> bool:
    """Whether something feeds it, or should: of one that is down and nobody knows that can't be said."""
    if row.parent is not None:
        return True
    return not row.feeds and (row.node.role == "standby" or (row.node.role is None and row.node.state != "down"))


def _box(node: HaNode, at: tuple[float, float], status: HaStatus, writers: int) -> Box:
    kind, letter = _kind(node)
    rival = cells.is_primary(node) and writers > 1
    tags = [f"✗ one of {writers} writers"] if rival else []
    if status.candidate is not None and status.candidate.node == node.name:
        tags.append("candidate")
    timeline = "" if node.timeline is None else f"TL {node.timeline}"
    return Box(*at, node, kind, letter, " · ".join(_words(node)), timeline, ", ".join(tags), rival)


def _kind(node: HaNode) -> tuple[str, str]:
    if node.state == "down":
        return "down", "×"
    if node.error is not None or node.role is None:
        return "silent", "?"
    return ("primary", "P") if cells.is_primary(node) else ("standby", "S")


def _words(node: HaNode) -> Iterator[str]:
    unknown = node.state == "unknown" and node.error is None
    if unknown and node.role is None:
        yield "role and state unknown"
        return
    yield node.role or "role unknown"
    yield "no answer" if node.error is not None and node.state != "down" else "state unknown" if unknown else node.state


def _flow(node: HaNode) -> Flow:
    match node.state:
        case "streaming":
            return Flow.SYNC if node.sync_state in {"sync", "quorum"} else Flow.STREAMING
        case "catchup":
            return Flow.CATCHUP
        case "not streaming" | "down":
            return Flow.BROKEN
    return Flow.UNKNOWN


def _labels(row: Branch) -> tuple[str, ...]:
    """Return what an arrow carries: the lag, and how the upstream waits."""
    node = row.node
    if row.parent is None:
        return ("receives nothing" if _flow(node) is Flow.BROKEN else "upstream unknown",)
    lag = "lag unknown" if node.lag_bytes is None else cells.lag(node)
    delay = "" if node.lag_seconds is None else cells.delay(node)
    state = {Flow.BROKEN: "receives nothing", Flow.CATCHUP: "catching up"}.get(_flow(node), "")
    return (" · ".join(filter(None, (lag, delay))), state or node.sync_state or "sync state unknown")


def _beside(row: Branch, box: Box, feeding: Box | None) -> Arrow:
    """Return the arrow into a box from its left."""
    end, middle = box.x, box.y + HEIGHT / 2
    trunk = end - _ACROSS + _TRUNK
    if feeding is None:
        path = f"M{trunk + 14:g} {middle:g}H{end:g}"
    else:
        begin = feeding.y + HEIGHT / 2
        path = f"M{feeding.x + WIDTH:g} {begin:g}H{trunk:g}V{middle:g}H{end:g}"
    flow = _flow(row.node)
    labels = tuple((text, trunk + 14, middle + y) for text, y in zip(_labels(row), (-7, 17), strict=False))
    return Arrow(path, _head(flow, end, middle), flow, labels)


def _below(row: Branch, box: Box, feeding: Box | None) -> Arrow:
    """Return the arrow into a box from above."""
    flow, text, middle = _flow(row.node), " · ".join(_labels(row)), box.y + HEIGHT / 2
    if feeding is None:
        path = f"M{box.x + 14:g} {box.y - 18:g}V{box.y:g}"
        return Arrow(path, "", flow, ((text, box.x + 24, box.y - 10),))
    trunk = feeding.x + (box.x - feeding.x) / 2
    path = f"M{trunk:g} {feeding.y + HEIGHT:g}V{middle:g}H{box.x:g}"
    return Arrow(path, _head(flow, box.x, middle), flow, ((text, box.x + 4, box.y - 10),))


def _head(flow: Flow, x: float, y: float) -> str:
    if flow is Flow.UNKNOWN:
        return ""
    if flow is Flow.BROKEN:
        return f"M{x - 14:g} {y - 5:g}l10 10m0-10l-10 10"
    return f"M{x - 7:g} {y - 5:g}l6 5l-6 5"
