"""A watched cluster: a screen that fits a terminal, or a line each time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from dbops.output.cells import printable, shortened, width
from dbops.output.ha import cells, sentences
from dbops.output.ha.checks import PAINT, sizes
from dbops.output.ha.said import MARKS, Said, said, tally
from dbops.output.ha.spark import sparks
from dbops.output.ha.table import body, head
from dbops.output.ha.text import NARROWEST
from dbops.output.ha.tree import Branch, branches
from dbops.output.ha.verdicts import PAINT as VERDICTS
from dbops.output.ha.verdicts import verdicts
from dbops.output.style import Style
from dbops.results.ha import HaStatus

_FEWEST = 3
"""So many checks are shown before all nodes are."""


def screen(status: HaStatus, style: Style, width: int, height: int, at: str) -> str:
    """Return at most ``height`` lines of at most ``width`` cells: verdicts, then nodes and checks, the worst of each.

    ``at`` is the time of day as it is shown. What does not fit is counted; lags over time are shown where all else is.
    """
    room = max(width, NARROWEST)
    lines = [_title(status, style, room, at), *_verdicts(status, style, room, height)]
    left = max(height - len(lines) - 3, 0)  # two blank lines, and the one about all checks
    some = said(status)
    table = _nodes(status, style, room, max(left - min(len(some), _FEWEST), 2))
    found = [*_checks(some, style, room, max(left - len(table), 0))]
    trend = [*sparks(status.nodes, style, room)]
    trend = ["", *trend] if len(trend) < left - len(table) - len(found) and trend else []
    lines += ["", *table, *trend, "", *found, str(tally(status.checks))]
    return "\n".join(lines[: max(height, 1)])


def line(status: HaStatus, at: str) -> str:
    """Return one line: when, the verdict, both answers, and how many nodes are not as they should be."""
    parts = [f"{each.question.value} {sentences.word(each.verdict)}: {each.text}" for each in sentences.answers(status)]
    troubled = [f"{node.name} {node.state}" for node in status.nodes if cells.trouble(node)]
    parts += [", ".join(troubled)] if troubled else []
    return printable(f"{at}  {sentences.word(status.verdict).upper()}  {'; '.join(parts)}".replace("\n", " "))


def _title(status: HaStatus, style: Style, room: int, at: str) -> str:
    word = sentences.word(status.verdict).upper()
    time = shortened(at, room - len(word) - 2)
    return style(word, *VERDICTS[status.verdict]) + " " * (room - len(word) - width(time)) + style(time, "dim")


def _verdicts(status: HaStatus, style: Style, room: int, height: int) -> list[str]:
    """Return all that there is to say; where that takes over half of the screen, the first line of each."""
    answers = [*verdicts(status, style, room)]
    if sum(map(len, answers)) <= height // 2:
        return [*chain.from_iterable(answers)]
    return [each[0] + (" …" if len(each) > 1 else "") for each in verdicts(status, style, room - 2)]


def _nodes(status: HaStatus, style: Style, room: int, most: int) -> list[str]:
    """Return the head and a line a node; of too many primaries, candidates and those in trouble are shown."""
    rows = branches(status.nodes)
    if len(rows) < most:
        return _table(rows, style, room)
    candidates = {status.switchover.candidate, status.emergency.candidate}
    places = range(len(rows))
    worst = {*sorted(places, key=lambda place: _order(rows[place], candidates))[: most - 2]}
    shown = [replace(rows[place], lead="") for place in sorted(worst)]  # without rails to those that are left out
    left = [rows[place] for place in places if place not in worst]
    return [*_table(shown, style, room), style(shortened(_left(left), room), "dim")]


def _table(rows: Sequence[Branch], style: Style, room: int) -> list[str]:
    return [*([head(rows, style, room)] if rows else []), *(lines[0] for lines in body(rows, style, room))]


def _order(row: Branch, candidates: Collection[str | None]) -> tuple[bool, bool, int, int]:
    node = row.node
    return (not cells.is_primary(node), node.name not in candidates, -cells.trouble(node), -(node.lag_bytes or 0))


def _left(rows: Iterable[Branch]) -> str:
    states = [row.node.state for row in rows]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return f"… {len(states)} more: {counts}"


def _checks(some: Sequence[Said], style: Style, room: int, most: int) -> Iterator[str]:
    """Yield a line a check, the worst first."""
    ids, nodes = sizes(some)
    shown = some if len(some) <= most else some[: max(most - 1, 0)]
    for each in shown:
        mark = style(MARKS[each.kind], *PAINT[each.kind])
        where = shortened(each.where, nodes)
        text = f"{each.id:<{ids}}  {where}{' ' * (nodes - width(where))}  {' '.join(each.message.split())}"
        yield f"{mark} {shortened(text, room - 2)}"
    if len(shown) < len(some) and most:
        yield style(f"… {len(some) - len(shown)} more", "dim")
