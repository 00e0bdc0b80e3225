"""An execution plan as a value: what PostgreSQL said of each node, and what follows from it.

Rows and times here are totals. PostgreSQL gives both per loop; :mod:`dbops.explain.plan` multiplies, and where several
processes ran a node at the same time, divides its time by their number, so that it is time on the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Buffers:
    """Blocks (of 8 kB, unless PostgreSQL was built otherwise) over all loops and processes.

    ``hit`` and ``read`` count shared and local ones alike; ``read_ms`` and ``write_ms`` need track_io_timing and are
    sums over the processes, None when unknown.
    """

    hit: int = 0
    read: int = 0
    dirtied: int = 0
    written: int = 0
    temp_read: int = 0
    temp_written: int = 0
    read_ms: float | None = None
    write_ms: float | None = None

    @property
    def touched(self) -> int:
        """Blocks of tables and indexes that were looked at, cached or not."""
        return self.hit + self.read


@dataclass(frozen=True, slots=True)
class Actual:
    """What happened in a node, over all its loops.

    ``loops`` is PostgreSQL's count: executions in all processes; 0 when the node never ran. ``rows`` is what it gave to
    its parent. ``ms`` is wall-clock time with all below it, ``own_ms`` without; ``share`` is ``own_ms`` of the query's
    execution time (0 to 1). The three are None where the times were not measured (TIMING OFF). ``processes`` is how
    many ran it side by side.
    """

    loops: float
    rows: float
    ms: float | None
    own_ms: float | None
    share: float | None
    processes: float = 1.0

    @property
    def never_ran(self) -> bool:
        """Whether the node was never executed."""
        return self.loops == 0

    @property
    def rows_per_loop(self) -> float:
        """Rows of one execution, on average."""
        return self.rows / self.loops if self.loops else 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the planner expected: costs in its units and rows, of one loop.

    ``own_cost`` and ``cost_share`` are what is left without the nodes below, as this node is executed by its parent;
    an inner side of a nested loop is counted as often as the outer side has rows. Where they are not ``known`` (EXPLAIN
    with COSTS OFF) all figures are 0 and say nothing.
    """

    startup_cost: float
    total_cost: float
    rows: float
    width: int
    own_cost: float = 0.0
    cost_share: float = 0.0
    known: bool = True


@dataclass(frozen=True, slots=True)
class PlanNode:
    """A node of a plan.

    ``id`` counts from 1 in the order the plan is printed in. ``kind`` is PostgreSQL's node type ("Seq Scan"), ``label``
    what EXPLAIN's text format prints ("Parallel Seq Scan on orders o"). ``role`` is its relationship to the parent:
    ``Outer``, ``Inner``, ``Member``, ``Subquery``, ``InitPlan``, ``SubPlan`` or "" for the root; ``subplan`` is the
    name of an InitPlan, SubPlan or CTE. ``buffers`` include those of the nodes below, ``own_buffers`` don't; both are
    None where they were not counted. ``expected_rows`` is the estimate over all loops that ran (of rows that processes
    share: of all processes that the planner counts on), and ``factor`` is
    actual rows through it (above 1: more than expected), None where that says nothing: the plan was not run, the node
    never ran or does not count its rows, or whoever read it stopped early (``cut_short``). ``raw`` is the node as
    PostgreSQL gave it, without its children.
    """

    id: int
    kind: str
    label: str
    role: str
    subplan: str | None
    relation: str | None
    schema: str | None
    alias: str | None
    index: str | None
    estimate: Estimate
    actual: Actual | None
    buffers: Buffers | None
    own_buffers: Buffers | None
    expected_rows: float | None
    factor: float | None
    cut_short: bool
    raw: Mapping[str, Any] = field(repr=False)
    children: tuple[PlanNode, ...] = field(repr=False)

    def walk(self) -> Iterator[PlanNode]:
        """Yield the node and all below it, as they are printed."""
        yield self
        for child in self.children:
            yield from child.walk()

    def number(self, attribute: str) -> float:
        """Return one of PostgreSQL's figures as it stands, 0 where there is none."""
        value = self.raw.get(attribute, 0)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0

    def total(self, attribute: str) -> float:
        """Return a figure that PostgreSQL gives per loop (``Rows Removed by …``) over all loops."""
        return self.number(attribute) * (self.actual.loops if self.actual else 1.0)

    def text(self, attribute: str) -> str:
        """Return an expression or name, "" where there is none; lists are joined with commas."""
        value = self.raw.get(attribute, "")
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

    @property
    def ran(self) -> bool:
        """Whether it is known to have been executed."""
        return self.actual is not None and not self.actual.never_ran

    @property
    def own_ms(self) -> float:
        """The node's own time on the clock; 0 where it is unknown."""
        return (self.actual.own_ms or 0.0) if self.actual else 0.0

    @property
    def inputs(self) -> tuple[PlanNode, ...]:
        """The nodes whose rows it works on: its children without InitPlans and SubPlans."""
        return tuple(child for child in self.children if child.role not in {"InitPlan", "SubPlan"})


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that fired; ``ms`` is the time of all its calls, None where it was not measured."""

    name: str
    relation: str | None
    constraint: str | None
    calls: int
    ms: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, and what EXPLAIN says beside it.

    ``analyzed`` says whether the query was run. ``execution_ms`` and ``planning_ms`` are PostgreSQL's, None where it
    did not say. ``jit_ms`` is the time JIT compilation took in all, ``serialization_ms`` that of turning the result
    into what is sent. ``settings`` are the planner's settings that were not at their defaults. ``query`` is the query's
    text where the plan came with it.
    """

    root: PlanNode
    analyzed: bool
    planning_ms: float | None = None
    execution_ms: float | None = None
    planning_buffers: Buffers | None = None
    planning_memory_bytes: int | None = None
    serialization_ms: float | None = None
    serialization_bytes: int | None = None
    jit_ms: float | None = None
    jit_functions: int = 0
    triggers: tuple[Trigger, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    query: str | None = None

    def nodes(self) -> Iterator[PlanNode]:
        """Yield all nodes, as they are printed."""
        return self.root.walk()

    def node(self, number: int) -> PlanNode:
        """Return the node with that id; KeyError when there is none."""
        for each in self.nodes():
            if each.id == number:
                return each
        raise KeyError(number)

    @property
    def ms(self) -> float | None:
        """The execution time, or the root's where only that is known (auto_explain's log has no summary)."""
        if self.execution_ms is not None:
            return self.execution_ms
        return self.root.actual.ms if self.root.actual else None
