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


class Identity(StrEnum):
    """What tells in a log whose writes an answer has to show."""

    SESSION = "session"
    TRACE = "trace"
    APPLICATION = "application"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a statement's answers have to be, by its calls in a log; shares are 0 to 1.

    ``within_writing`` is the share of its calls that were in transactions of which a standby would refuse something: a
    transaction is not split. Of all calls outside of these ``after_write`` is the share that followed a write of the
    same client's to a table that they read by less than the lag, the table that was written most being ``written``;
    None where the lag is not known. ``after_no_write`` followed none at all. Each has its share of the statement's time
    beside it, None (as ``total_ms``) where the log has no durations. ``age_s_median`` and ``age_s_5_percent`` are how
    old the client's own write was for those that followed one, None where none did.
    """

    calls: int
    total_ms: float | None
    within_writing: float
    within_writing_time: float | None
    after_write: float | None
    after_write_time: float | None
    after_no_write: float
    after_no_write_time: float | None
    written: str | None
    age_s_median: float | None
    age_s_5_percent: float | None


@dataclass(frozen=True, slots=True)
class Followed:
    """What a log says of the share that a standby could take, where clients see what they wrote themselves.

    ``identity`` is what clients were told apart by. Shares are of the time of all statements that are counted, each
    with the part of it that the log's calls had: ``always_share`` whatever the lag is, ``at_lag_share`` when it is
    ``lag_s``, ``stay_share`` has to stay on the primary then (None both where the lag is not known), and
    ``unseen_share`` is that of queries that the log doesn't have.
    """

    statements: int
    identity: Identity
    lag_s: float | None
    always_share: float
    at_lag_share: float | None
    stay_share: float | None
    unseen_share: float


@dataclass(frozen=True, slots=True)
class RoutedStatement:
    """A statement, and whether a standby could answer it.

    ``routable`` is None where that can't be told. ``reason`` says why it is or isn't. ``written_per_s`` is how many
    rows of what it reads are written in a second, all tables together, None where that is not known: the more, the more
    often a standby's answer is another one. ``share`` is that of the time of all statements, 0 to 1. ``freshness`` is
    what a log says of it, None without one or where it is not in it.
    """

    queryid: int | None
    query: str | None
    routable: bool | None
    reason: str
    calls: int
    total_ms: float
    share: float
    written_per_s: float | None
    freshness: Freshness | None = None


@dataclass(frozen=True, slots=True)
class Replica:
    """A standby that streams from the target; ``lag_s`` is how far behind it was at most, None for unknown."""

    name: str
    lag_s: float | None


@dataclass(frozen=True, slots=True)
class ReplicasResult:
    """Result of ``dbops advise replicas``: the statements by their time, and the share of it that a standby could take.

    ``routable_share`` is at most what a standby could take, since which answers may be as old as its lag only the
    application knows; what a log says of that is ``followed``, None without one. ``measured_s`` and ``since`` are as in
    TopResult.
    """

    target: Target
    statements: tuple[RoutedStatement, ...]
    routable_share: float
    unclear_share: float
    replicas: tuple[Replica, ...]
    measured_s: float | None
    since: str | None
    total_ms: float
    notes: tuple[str, ...]
    followed: Followed | None = None
