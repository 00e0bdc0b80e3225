"""A statement as the strategies see it, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from dbops.results.cache import Basis, Strategy, SummaryView
from dbops.sql.counter import Counter
from dbops.workload.cache.ladder import STALE
from dbops.workload.cache.thresholds import LEAST_MS_PER_S
from dbops.workload.cache.writes import Entity

NEEDS_LOG = "how often it is asked with the same values only a log tells: --log FILE"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a cache would answer: hit rates by time to live, and what of these hits would be older than a write.

    ``invalidated`` is the hit rate of answers that are dropped at each write of what they are from, ``written`` of
    those that are brought up to date by it; ``keys`` are the different values that were asked with. ``caution`` is
    what else must be said.
    """

    basis: Basis
    hits: Mapping[float, float]
    stale: Mapping[float, float | None]
    invalidated: float | None
    written: float | None = None
    keys: int | None = None
    caution: str = ""

    def unseen(self) -> Expected:
        """Return the same of what is also written where nobody sees it: hits are known, but not which are old."""
        return replace(self, stale=dict.fromkeys(self.hits), invalidated=None, written=None)


class Obstacle(NamedTuple):
    """What stands against caching: what it is counted as, and why."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a statement; rates are a second, None is unknown.

    ``obstacles`` say why its answers can't be another call's, the first is the most important. ``time`` are
    the functions that let the answer change by itself, ``opaque`` those that may look at anything. ``parameters`` says
    whether it is asked with values, so that only a log knows how often with the same. ``entity`` is the one row that it
    looks up by a unique key, ``shared`` how many statements look that up, ``entity_writes`` how often a second it is
    written by that key. ``sums_up`` says that it groups or aggregates rows; ``view`` makes the view for that, or says
    why there is none. ``expected`` is None where it can't be told how often it is asked with the same values:
    ``missing`` says what would tell.
    """

    calls_per_s: float | None
    mean_ms: float | None
    rows_per_call: float | None
    obstacles: tuple[Obstacle, ...] = ()
    time: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    parameters: bool = False
    writes_per_s: float | None = None
    entity: Entity | None = None
    entity_name: str = ""
    shared: int = 1
    entity_writes: float | None = None
    sums_up: bool = False
    view: Callable[[], SummaryView | str] = field(default=lambda: "it sums nothing up")
    counter: Counter | None = None
    expected: Expected | None = None
    missing: str = NEEDS_LOG

    @property
    def load(self) -> float | None:
        """The ms of execution a second that all its calls cost."""
        return None if self.calls_per_s is None or self.mean_ms is None else self.calls_per_s * self.mean_ms


class Wanted(NamedTuple):
    """How old an answer may be, in seconds, and what must be saved in ms a second for a cache to be worth it."""

    stale: float = STALE
    least: float = LEAST_MS_PER_S


class Advice(NamedTuple):
    """How a statement is cached; what it saves follows from the hit rate.

    ``stale`` is the share of the hits that are older than a write.
    """

    strategy: Strategy
    reason: str
    ttl: float | None = None
    hits: float | None = None
    basis: Basis | None = None
    stale: float | None = None
    view: SummaryView | None = None
    kind: str = ""


class Judge(Protocol):
    """What a strategy's module offers; of those that fit, the one with the lowest ``RANK`` is taken."""

    RANK: int

    def judge(self, case: Case, wanted: Wanted) -> Advice | None:
        """Return how the statement would be cached so, None where the strategy does not fit."""
        ...
