"""Result of ``dbops advise cache``; the field names are the contract of its JSON. None is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbops.results.target import Target


class Strategy(StrEnum):
    """How a statement's answers are cached; each has a module in ``workload/cache/strategies``."""

    CACHE_ASIDE = "cache-aside"
    READ_THROUGH = "read-through"
    WRITE_THROUGH = "write-through"
    WRITE_BEHIND = "write-behind"
    MATERIALIZED_VIEW = "materialized-view"
    NONE = "none"


class Basis(StrEnum):
    """Where a hit rate comes from: counted in a log, or computed for calls that come at random."""

    LOG = "log"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True)
class SummaryView:
    """A materialised view that has a query's answers: statements to run, and the query to ask instead.

    ``unique_index`` is what REFRESH … CONCURRENTLY needs.
    """

    name: str
    create: str
    unique_index: str
    refresh: str
    query: str


@dataclass(frozen=True, slots=True)
class CacheStatement:
    """A statement, and whether and how a cache would pay.

    ``ttl_seconds`` is how long an answer lives (of a view: until it is refreshed; of write-behind: until what was
    collected is written). ``hit_rate`` is the share of the calls that the server would not see any more, 0 to 1,
    ``basis`` where it comes from; ``saved_ms_per_second`` is the time of execution that goes away with them,
    ``saved_share`` its share of that of all statements, ``load_ms_per_second`` what all calls cost now.
    ``stale_share`` is the share of all answers that would be older than a write of what they were read from.
    ``writes_per_s`` are the statements a second that write the tables, at most, ``written_per_s`` the rows.
    ``distinct_keys`` are the different values that a log has it asked with. ``explain`` is the command for its plan.
    """

    queryid: int | None
    query: str | None
    strategy: Strategy
    ttl_seconds: float | None
    hit_rate: float | None
    basis: Basis | None
    stale_share: float | None
    saved_ms_per_second: float | None
    saved_share: float | None
    reason: str
    calls: int
    calls_per_s: float | None
    mean_ms: float | None
    total_ms: float
    load_ms_per_second: float | None
    rows_per_call: float | None
    tables: tuple[str, ...]
    writes_per_s: float | None
    written_per_s: float | None
    distinct_keys: int | None
    view: SummaryView | None
    explain: str | None


@dataclass(frozen=True, slots=True)
class CachedRelation:
    """A table (its TOAST included) or an index, and what of it comes from shared_buffers.

    ``bytes`` are as of its last VACUUM or ANALYZE, ``resident_bytes`` those in shared_buffers now (pg_buffercache).
    ``accessed_per_s`` and ``read_per_s`` are blocks, the latter those that were not in shared_buffers. ``prewarm``
    says whether loading it after a restart would pay, ``prewarm_ms`` how long reading all of it takes.
    """

    name: str
    table: str
    kind: str
    bytes: int | None
    resident_bytes: int | None
    hit_rate: float | None
    accessed_per_s: float | None
    read_per_s: float | None
    prewarm: bool | None
    prewarm_ms: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ServerCaches:
    """PostgreSQL's own cache, for the target's database.

    ``hit_rate`` is of all blocks that were asked for; what is missing may have come from the kernel's cache.
    ``read_ms_per_second`` is the time that reading took, known with track_io_timing alone, ``block_ms`` that of one
    block. ``relations_bytes`` are as of the last VACUUM or ANALYZE, None where one never had any. ``more_memory``
    says whether a larger shared_buffers would bring something, ``reason`` why. ``used_bytes`` needs pg_buffercache.
    ``relations`` are those with the most reads, of ``seen``.
    """

    shared_buffers_bytes: int
    relations_bytes: int | None
    used_bytes: int | None
    hit_rate: float | None
    read_per_s: float | None
    read_ms_per_second: float | None
    block_ms: float | None
    more_memory: bool | None
    reason: str
    relations: tuple[CachedRelation, ...]
    seen: int
    since: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CacheResult:
    """Result of ``dbops advise cache``: what would save the most first, then what is not worth it, by its time.

    ``statements`` are the first of ``seen``; ``not_worth`` counts, by the reason's kind, all that are left alone.
    ``stale_s`` is how old an answer may be. ``measured_s`` is the interval's length, None for totals since ``since``.
    ``log_s`` is how long the log is that hit rates were counted in, None without one.
    """

    target: Target
    statements: tuple[CacheStatement, ...]
    not_worth: dict[str, int]
    seen: int
    stale_s: float
    measured_s: float | None
    since: str | None
    log_s: float | None
    total_ms: float
    load_ms_per_second: float | None
    saved_ms_per_second: float
    server: ServerCaches
    notes: tuple[str, ...]
