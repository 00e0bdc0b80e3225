"""Results of the commands about the workload; the field names are the contract of their JSON. None is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbops.results.target import Target


class Order(StrEnum):
    """What ``dbops top`` sorts by, the largest first."""

    TOTAL = "total"
    MEAN = "mean"
    CALLS = "calls"
    ROWS = "rows"
    IO = "io"
    TEMP = "temp"
    WAL = "wal"


@dataclass(frozen=True, slots=True)
class TopStatement:
    """A statement, and what all its calls together cost.

    ``queryid`` and ``query`` are None for the statements of roles that this one may not see, which are one entry
    together. ``share`` is that of the time of all statements, 0 to 1. ``nested`` ones were called within functions:
    their time is part of their callers' and in no sum. ``io_ms`` is known with track_io_timing alone. ``history`` are
    ms of execution per second, over equal parts of the interval. ``explain`` is the command that explains it.
    """

    queryid: int | None
    query: str | None
    database: str | None
    calls: int
    total_ms: float
    mean_ms: float | None
    rows: int
    share: float | None
    nested: bool
    hit_bytes: int
    read_bytes: int
    written_bytes: int
    io_ms: float | None
    temp_bytes: int
    wal_bytes: int | None
    history: tuple[float, ...]
    explain: str | None


@dataclass(frozen=True, slots=True)
class TopResult:
    """Result of ``dbops top``.

    ``statements`` are the first of ``seen``. ``measured_s`` is the interval's length, None for totals, which are
    counted since ``since`` (None: unknown). ``total_ms`` and ``calls`` are those of all statements that clients called.
    ``notes`` say what makes the figures other than they look.
    """

    target: Target
    statements: tuple[TopStatement, ...]
    order: Order
    measured_s: float | None
    since: str | None
    seen: int
    calls: int
    total_ms: float
    notes: tuple[str, ...]
