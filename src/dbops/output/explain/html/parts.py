"""The page's findings, indexes and comparison, with what is worked out for each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from dbops.output.explain import comparison, sentences
from dbops.output.explain.found import MARKS, place, saving
from dbops.output.explain.indexes import pasteable
from dbops.output.prose import is_sql
from dbops.results.explain import Comparison, IndexAdvice, PlanFinding

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Remedy:
    """Lines of a remedy that belong together: SQL to paste, or prose."""

    sql: bool
    text: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding; ``saving`` is "" where that isn't known."""

    finding: PlanFinding
    mark: str
    place: str
    saving: str
    remedy: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class IndexView:
    """An index that is advised; ``expense`` is what it takes, by name."""

    advice: IndexAdvice
    headline: str
    expense: tuple[tuple[str, str], ...]
    create: str
    drop: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A node of each plan ("" on the side that lacks it), or (``folded``) so many that are alike."""

    folded: int
    mark: str
    before: str = ""
    after: str = ""
    figure_before: str = ""
    figure_after: str = ""
    depth_before: int = 0
    depth_after: int = 0


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Two plans side by side; ``direction`` is 1 for faster, -1 for slower, 0 for as it was."""

    comparison: Comparison
    headline: str
    direction: int
    rows: tuple[ComparisonRow, ...]


def finding(each: PlanFinding) -> FindingView:
    """Return a finding as the page shows it."""
    lines = each.remedy.split("\n") if each.remedy else []
    remedy = (Remedy(sql, "\n".join(some)) for sql, some in groupby(lines, key=is_sql))
    return FindingView(each, MARKS[each.severity], place(each), saving(each), tuple(remedy))


def index(each: IndexAdvice) -> IndexView:
    """Return an index as the page shows it."""
    create = "\n".join(line for statement in (*each.requires, each.create) for line in pasteable(statement))
    return IndexView(
        each, sentences.headline(each), tuple(sentences.expense(each)), create, "\n".join(pasteable(each.drop))
    )


def compared(each: Comparison) -> ComparisonView:
    """Return a comparison as the page shows it."""
    rows = tuple(map(_row, comparison.pairs(each)))
    return ComparisonView(each, comparison.headline(each), comparison.direction(each), rows)


def _row(pair: comparison.Pair) -> ComparisonRow:
    change = pair.change
    if change is None:
        return ComparisonRow(pair.folded, "")
    return ComparisonRow(
        0,
        comparison.mark(change),
        change.label_before or "",
        change.label_after or "",
        comparison.figure(change.own_ms_before, change.rows_before),
        comparison.figure(change.own_ms_after, change.rows_after),
        min(change.depth_before, _DEEPEST),
        min(change.depth_after, _DEEPEST),
    )
