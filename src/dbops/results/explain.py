"""Results of ``dbops explain``; the field names are the contract of its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dbops.results.lint import Finding, Severity
from dbops.results.plan import Plan
from dbops.results.proof import CopiedTable
from dbops.results.target import Target


class Basis(StrEnum):
    """What a figure about an index rests on, the best first; one is never shown as another."""

    PROVEN = "proven"
    """Timed with the index built, on all rows of the tables involved and the target's major version."""
    MEASURED = "measured"
    """Timed with the index built, but on a sample, or on another major version."""
    PLANNED = "planned"
    """The planner's cost with a hypothetical index."""
    ESTIMATED = "estimated"
    """dbops's own estimate, from the statistics; no planner saw the index."""


@dataclass(frozen=True, slots=True)
class TimeTaker:
    """A node that takes much of the time; ``own_ms`` is None where only costs are known, of which ``share`` is then."""

    node: int
    label: str
    own_ms: float | None
    share: float


@dataclass(frozen=True, slots=True)
class Repeats:
    """The execution times of several warm runs, in ms; the plan that is shown is the median run's."""

    count: int
    least_ms: float
    median_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The query as a whole.

    ``execution_ms``, ``planning_ms``, ``rows``, blocks and bytes are None where they were not measured; ``cost`` and
    ``expected_rows`` are the planner's. ``rows`` are those the client gets. ``temp_bytes`` was written to temporary
    files. ``takers`` are the two or three nodes that take the time.
    """

    cost: float
    expected_rows: float
    execution_ms: float | None = None
    planning_ms: float | None = None
    rows: float | None = None
    blocks_hit: int | None = None
    blocks_read: int | None = None
    temp_bytes: int | None = None
    takers: tuple[TimeTaker, ...] = ()
    repeats: Repeats | None = None


@dataclass(frozen=True, slots=True)
class PlanFinding:
    """Something in a plan that hurts.

    ``node`` is the id of the plan's node, None for the plan as a whole; ``label`` is what that node is called.
    ``evidence`` are the plan's figures that show it, ``remedy`` what to do, with exact SQL where there is one;
    ``saving_ms`` is the most it could save, None where the plan was not run.
    """

    finding: str
    severity: Severity
    node: int | None
    label: str | None
    message: str
    evidence: str
    remedy: str | None
    saving_ms: float | None


@dataclass(frozen=True, slots=True)
class FindingInfo:
    """A finding as the docs show it; ``bad`` and ``good`` are SQL in whose last plan it is found, and is not."""

    finding: str
    severity: Severity
    summary: str
    text: str
    bad: tuple[str, ...]
    good: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteCost:
    """What writing a row costs without and with an index, in µs, over ``rows`` rows; None where it can't be tried."""

    rows: int
    insert_before_us: float | None
    insert_after_us: float | None
    update_before_us: float | None
    update_after_us: float | None


@dataclass(frozen=True, slots=True)
class IndexAdvice:
    """An index that helps the query.

    ``create`` and ``drop`` are whole statements, ``requires`` statements that must run before. ``basis_detail`` says
    which planner, sample, version and repeats the figures are from. Costs and times "before" are with the indexes that
    are listed before this one. ``speedup`` is ``ms_before / ms_after``, ``interval`` its 95 % confidence interval.
    ``redundant`` are existing indexes that nothing needs once this one is there.
    """

    create: str
    drop: str
    name: str
    table: str
    basis: Basis
    basis_detail: str
    reason: str
    cost_before: float | None = None
    cost_after: float | None = None
    ms_before: float | None = None
    ms_after: float | None = None
    speedup: float | None = None
    interval: tuple[float, float] | None = None
    size_bytes: int | None = None
    build_ms: float | None = None
    writes: WriteCost | None = None
    redundant: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedIndex:
    """A candidate that is not advised, and why."""

    create: str
    reason: str
    basis: Basis
    cost_before: float | None = None
    cost_after: float | None = None
    ms_before: float | None = None
    ms_after: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One choice of values for the parameters.

    ``name`` says how they were chosen: ``given``, ``common``, ``typical``, ``rare`` or ``generic`` (no values at all).
    ``values`` are by parameter as the query writes it; ``execution_ms`` is None where the query was not run with them.
    """

    name: str
    values: Mapping[str, str | None]
    execution_ms: float | None = None
    cost: float | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node of one plan beside its like of the other; None on the side that lacks it. Times are the node's own.

    ``depth_before`` and ``depth_after`` are how deep it stands in its plan, 0 for the root.
    """

    label_before: str | None
    label_after: str | None
    node_before: int | None
    node_after: int | None
    own_ms_before: float | None
    own_ms_after: float | None
    rows_before: float | None
    rows_after: float | None
    changed: bool
    depth_before: int = 0
    depth_after: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plan beside another one, ``other`` by name; ``factor`` is the other's time (or cost) over this one's.

    ``by`` says what the factor is of: ``execution_ms`` or ``cost``.
    """

    other: str
    by: str
    before: float
    after: float
    factor: float | None
    same_shape: bool
    nodes: tuple[NodeChange, ...]
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenLimit:
    """A limit of the command line that the plan breaks."""

    limit: str
    message: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """What pg_stat_statements has seen of the query."""

    queryid: int
    calls: int
    mean_ms: float
    total_ms: float
    rows: int


@dataclass(frozen=True, slots=True)
class ExplainResult:
    """Everything there is to say of a query.

    ``query`` is its text as it was explained. ``not_analyzed`` says why the query was not run, None when it was.
    ``warnings`` are what a rollback does not undo, and what could not be looked at. ``lint`` are the findings of the
    rules about queries; their file is the query's source. ``advice`` says why there is no index advice, or what it is
    worth, where that isn't plain; ``copied`` are the tables that were copied to another server to prove it.
    """

    plan: Plan
    summary: Summary
    findings: tuple[PlanFinding, ...]
    indexes: tuple[IndexAdvice, ...] = ()
    rejected: tuple[RejectedIndex, ...] = ()
    lint: tuple[Finding, ...] = ()
    query: str | None = None
    source: str = "the command line"
    not_analyzed: str | None = None
    scenarios: tuple[Scenario, ...] = ()
    warnings: tuple[str, ...] = ()
    advice: str | None = None
    comparison: Comparison | None = None
    broken: tuple[BrokenLimit, ...] = ()
    statistics: Statistics | None = None
    copied: tuple[CopiedTable, ...] = ()
    written: tuple[str, ...] = ()
    target: Target | None = None
