"""What figures from a copy are worth, and in which words that is said. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dbops.explain.prove.contest import Comparison, ms
from dbops.explain.prove.interval import FEWEST
from dbops.explain.prove.share import WHOLE
from dbops.results.explain import Basis
from dbops.results.proof import CopiedTable
from dbops.results.target import spelt

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """What the figures stand on: the copy beside what it is of.

    ``versions`` are ``server_version_num`` of the target and the scratch server. ``sorts_by`` is the order of the
    scratch database and of the target's where the two differ and a column sorts so. ``absent`` are tables that are
    read and were not copied, ``omitted`` partitions that the query does not read. ``differences`` are settings.
    """

    copied: tuple[CopiedTable, ...]
    target_version: int
    scratch_version: int
    sorts_by: tuple[str, str] | None = None
    absent: tuple[str, ...] = ()
    omitted: int = 0
    differences: tuple[str, ...] = ()


def basis(ground: Ground, comparison: Comparison) -> tuple[Basis, str]:
    """Return the basis of an index's figures, and the detail that goes with it.

    PROVEN needs all rows of all tables, the target's major version and order of text, and a 95 % interval above 1.
    """
    shortfalls = [*short_of_target(ground), *_short_of_proof(comparison)]
    what = Basis.MEASURED if shortfalls else Basis.PROVEN
    first = shortfalls or [f"on all rows of {_names(table.table for table in ground.copied)}"]
    if not _other_version(ground):
        first.append(f"on PostgreSQL {spelt(ground.scratch_version)}")
    detail = [", ".join(first), _runs(comparison), "on a compact copy with all pages visible"]
    if ground.omitted:
        detail.append(f"size and build without the {ground.omitted} partitions that the query does not read")
    return what, "; ".join([*detail, *ground.differences])


def short_of_target(ground: Ground) -> Iterator[str]:
    """Yield in which ways the copy is less than the target."""
    sampled = [table for table in ground.copied if table.percent < WHOLE]
    for percent in sorted({table.percent for table in sampled}):
        names = _names(table.table for table in sampled if table.percent == percent)
        yield f"on a sample of {_percentage(percent)} of {names}"
    if hidden := [table.table for table in ground.copied if table.hidden]:
        yield f"without the rows of {_names(hidden)} that row level security hides"
    if ground.absent:
        yield f"without the rows of {_names(ground.absent)}, which belong to extensions"
    if _other_version(ground):
        yield f"on {spelt(ground.scratch_version)} for a {spelt(ground.target_version)}"
    if ground.sorts_by is not None:
        yield f"sorted by {ground.sorts_by[0]} for {ground.sorts_by[1]}"


def _short_of_proof(comparison: Comparison) -> Iterator[str]:
    if comparison.stopped_before:
        yield f"without the index stopped after {ms(comparison.before_ms)}, so no interval is known"
    elif len(comparison.ratios) < FEWEST:
        yield f"{len(comparison.ratios)} pairs of runs, too few for an interval"


def _other_version(ground: Ground) -> bool:
    return ground.target_version // 10000 != ground.scratch_version // 10000


def _runs(comparison: Comparison) -> str:
    return f"warm, {len(comparison.ratios)} pairs of runs in turns, 95 % interval" if comparison.interval else "warm"


def _names(names: Iterable[str]) -> str:
    listed: Sequence[str] = list(names)
    shown = " and ".join(listed[:_NAMED])
    return shown if len(listed) <= _NAMED else f"{shown} and {len(listed) - _NAMED} others"


def _percentage(percent: float) -> str:
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.2g} %"
