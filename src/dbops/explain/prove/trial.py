"""What is tried on a copy, within which limits, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dbops.explain.advise.candidate import Candidate
from dbops.results.explain import Basis, WriteCost
from dbops.results.proof import CopiedTable


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be tried.

    ``query`` is one SELECT without parameters. ``sets`` are configurations of indexes, the best first: the chosen one,
    then alternatives; within one the order is that in which they were chosen. ``settings`` are settings of the planner
    that the query is to be planned with, beside those that the target's session has.
    """

    query: str
    sets: tuple[tuple[Candidate, ...], ...]
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a proof may cost.

    ``copy_bytes`` bounds all tables together; larger ones are sampled. ``copy_seconds`` is how long copying may take.
    ``seconds`` is about how long the query is timed: there are always enough runs for a confidence interval, unless
    one takes longer than 10 s. ``statement_seconds`` bounds one run. ``write_rows`` are written to find out what that
    costs.
    """

    copy_bytes: int = 1 << 30
    copy_seconds: float = 600.0
    seconds: float = 60.0
    statement_seconds: float = 60.0
    write_rows: int = 2_000


@dataclass(frozen=True, slots=True)
class Proven:
    """An index that made the query faster on the copy.

    Times are medians in ms of planning and execution, warm; "before" is with the indexes that are listed before this
    one. ``speedup`` is ``ms_before / ms_after``; ``interval`` is the 95 % confidence interval of the median ratio of
    paired runs, None where the runs were too few. ``stopped`` says that the runs before were stopped at the time limit:
    ``ms_before`` and ``speedup`` are then the least they can be. ``size_bytes`` and ``build_ms`` are of the index on
    the copy. ``basis`` is proven or measured, and ``basis_detail`` says on what, how, and what was different.
    """

    candidate: Candidate
    ms_before: float
    ms_after: float
    speedup: float
    interval: tuple[float, float] | None
    size_bytes: int
    build_ms: float
    writes: WriteCost | None
    basis: Basis
    basis_detail: str
    pairs: int
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Refuted:
    """An index that did not, and why.

    The times are None where it was not timed; the reason is then what the planner made of it, and ``basis`` planned.
    """

    candidate: Candidate
    reason: str
    basis: Basis
    ms_before: float | None = None
    ms_after: float | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a trial.

    ``indexes`` are those of the best configuration that are worth it, in its order; ``rejected`` are all the others
    that were to be tried, once each. ``copied`` says how much of each table it rests on, ``scratch`` where: which
    version of PostgreSQL. ``baseline_ms`` is the query's median time on the copy without any of them, None when it was
    not timed.
    """

    indexes: tuple[Proven, ...]
    rejected: tuple[Refuted, ...]
    copied: tuple[CopiedTable, ...]
    scratch: str
    baseline_ms: float | None = None
