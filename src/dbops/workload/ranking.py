"""Statements in the order of what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from dbops.results.workload import Order, TopStatement
from dbops.sql.redact import secrets
from dbops.workload.counters import Counters, Key
from dbops.workload.window import Window

HIDDEN = "<insufficient privilege>"
"""What pg_stat_statements has in place of the text of a statement that the role may not see."""

_BY: dict[Order, Callable[[Counters], float]] = {
    Order.TOTAL: lambda each: each.total_ms,
    Order.MEAN: lambda each: each.total_ms / each.calls,
    Order.CALLS: lambda each: each.calls,
    Order.ROWS: lambda each: each.rows,
    Order.IO: lambda each: each.read + each.written,
    Order.TEMP: lambda each: each.temp,
    Order.WAL: lambda each: each.wal,
}


class Text(NamedTuple):
    """What is known of a statement beside its figures; ``own`` says that dbops itself asked it."""

    database: str | None
    text: str | None
    own: bool


class Meaning(NamedTuple):
    """What figures mean on a server: bytes of a block, and whether the times of I/O and the WAL are counted."""

    block: int
    io_timing: bool
    wal: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """All statements in order, the sums over those that clients called, and whether some are hidden."""

    statements: tuple[TopStatement, ...]
    calls: int
    total_ms: float
    hidden: bool


def first(sums: Mapping[Key, Counters], order: Order, count: int) -> list[Key]:
    """Return those that cost the most, in order."""
    by = _BY[order]
    return nlargest(count, sums, key=lambda key: (by(sums[key]), sums[key].total_ms))


def ranked(window: Window, texts: Mapping[tuple[int, int], Text], order: Order, meaning: Meaning) -> Ranked:
    """Return what was added to the counters in an interval as statements, without dbops's own."""
    sums = without_own(window.sums(), texts)
    called = [each for key, each in sums.items() if key.toplevel]
    total = sum(each.total_ms for each in called)
    statements = (
        _statement(key, sums[key], texts, total, window.history(key), meaning) for key in first(sums, order, len(sums))
    )
    return Ranked(
        statements=tuple(statements),
        calls=round(sum(each.calls for each in called)),
        total_ms=round(total, 3),
        hidden=any(key.queryid is None for key in sums),
    )


def without_own(sums: Mapping[Key, Counters], texts: Mapping[tuple[int, int], Text]) -> dict[Key, Counters]:
    """Return the sums without those of which it is known that dbops asked them."""
    return {key: each for key, each in sums.items() if not _own(key, texts)}


def _own(key: Key, texts: Mapping[tuple[int, int], Text]) -> bool:
    known = None if key.queryid is None else texts.get((key.database, key.queryid))
    return known is not None and known.own


def _statement(
    key: Key,
    each: Counters,
    texts: Mapping[tuple[int, int], Text],
    total: float,
    history: tuple[float, ...],
    meaning: Meaning,
) -> TopStatement:
    known = Text(None, None, own=False) if key.queryid is None else texts.get((key.database, key.queryid))
    text = None if known is None or known.text in {None, HIDDEN} else secrets(known.text or "")
    return TopStatement(
        queryid=key.queryid,
        query=text,
        database=None if known is None else known.database,
        calls=round(each.calls),
        total_ms=round(each.total_ms, 3),
        mean_ms=round(each.total_ms / each.calls, 3) if each.calls else None,
        rows=round(each.rows),
        share=round(each.total_ms / total, 4) if total else None,
        nested=not key.toplevel,
        hit_bytes=round(each.hit * meaning.block),
        read_bytes=round(each.read * meaning.block),
        written_bytes=round(each.written * meaning.block),
        io_ms=round(each.io_ms, 3) if meaning.io_timing or each.io_ms else None,
        temp_bytes=round(each.temp * meaning.block),
        wal_bytes=round(each.wal) if meaning.wal else None,
        history=history,
        explain=None if key.queryid is None else f"dbops explain --queryid {key.queryid}",
    )
