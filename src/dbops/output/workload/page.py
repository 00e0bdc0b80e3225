"""``dbops top`` as a page: one file that needs no network, no server and no JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbops.output import html, target
from dbops.output.style import Style
from dbops.output.workload.top import cells, summary, text_of
from dbops.results.workload import TopResult, TopStatement

_LINE = 160
"""Characters of a query that are shown before it is unfolded."""


@dataclass(frozen=True, slots=True)
class Row:
    """A statement: cells, its share of the time in percent, and its time over the interval as an area."""

    cells: tuple[str, ...]
    percent: float
    wide: int
    path: str
    most: str
    line: str
    query: str
    explain: str | None
    nested: bool


@dataclass(frozen=True, slots=True)
class View:
    """What is on the page."""

    title: str
    where: tuple[str, ...]
    summary: str
    heads: tuple[str, ...]
    drawn: bool
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def render(result: TopResult, version: str, at: str) -> str:
    """Return the whole page; ``version`` is that of the dbops that makes it, ``at`` the time as it is shown."""
    return html.page("dbops.output.workload", view=_view(result), version=version, at=at)


def _view(result: TopResult) -> View:
    heads, rows = cells(result)
    where = target.line(result.target, Style(colour=False)).split("  ")
    return View(
        title=f"dbops top: {where[0]}",
        where=tuple(where),
        summary=summary(result),
        heads=tuple(heads),
        drawn=any(each.history for each in result.statements),
        rows=tuple(_row(each, row) for each, row in zip(result.statements, rows, strict=True)),
        notes=result.notes,
    )


def _row(statement: TopStatement, row: Sequence[str]) -> Row:
    text = text_of(statement)
    line = " ".join(text.split())
    return Row(
        cells=tuple(row),
        percent=round(100 * (statement.share or 0), 1),
        wide=max(len(statement.history), 1),
        path=_area(statement.history),
        most=f"{max(statement.history, default=0):,.1f}",
        line=line if len(line) <= _LINE else line[:_LINE] + "…",
        query=text,
        explain=statement.explain,
        nested=statement.nested,
    )


def _area(values: Sequence[float]) -> str:
    """Return a path of bars that touch, the largest 100 high; the picture's units go down."""
    most = max(values, default=0) or 1
    steps = " ".join(f"V{100 - 100 * value / most:.1f}h1" for value in values)
    return f"M0 100{steps}V100z"
