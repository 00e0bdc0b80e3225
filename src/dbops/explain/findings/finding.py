"""What a finding about a plan is, and what it says.

A finding is a module in ``findings/checks/``; its file's name, with hyphens, is its slug. It has

- a docstring: a line that says what is found, then paragraphs that begin with ``Why:``, ``Instead:`` and ``Source:``
  (where its thresholds come from),
- ``SEVERITY``, the Severity of what it finds unless a Found says otherwise,
- ``BAD`` and ``GOOD``: queries in whose plans it must and must not find something. A text may begin with lines
  ``-- setup: CREATE TABLE …`` that are run before, ``-- set: work_mem = '64kB'`` for the session that explains, and
  ``-- pg: 15`` for the oldest version that can show it and ``-- jit`` for servers that can compile alone;
  ``-- plan only`` has it planned and not run,
- ``find``: it takes a Subject and yields what it Found.

A test runs every example on a real server.

What nobody could feel is left out: a finding asks ``Subject.worth`` of the nodes it is about. Only a row estimate that
is far off is told of a quick query too, as it can hurt where there are more rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dbops.results.lint import Severity
from dbops.results.plan import Plan, PlanNode
from dbops.sql.nodes import Relation

DEFAULT_WORK_MEM_KB = 4096
"""PostgreSQL's own default, for a plan whose server isn't known."""
LEAST_MS = 1.0
"""What takes less is not told; this and the four below are dbops's own thresholds."""
LEAST_SHARE = 0.02
"""Nor is what takes less of the query's time, or of its cost where no times are known."""
LEAST_COST = 100.0
"""Where no times are known: the cost of reading a hundred blocks one after the other, about a millisecond."""
QUICK_MS = 10.0
"""In a query that takes less, nothing is more than an info."""
QUICK_COST = 1000.0
"""The same where it was not run."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What the server knows of a table; None is unknown.

    ``rows`` and ``pages`` are the planner's, ``modified`` the rows changed since the last ANALYZE, ``analyzed`` whether
    there ever was one, ``visible_share`` the share of pages (0 to 1) whose rows all can see, ``dead`` dead rows.
    """

    rows: float | None = None
    pages: int | None = None
    modified: int | None = None
    analyzed: bool | None = None
    visible_share: float | None = None
    dead: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A plan, and what is known around it.

    ``version`` is the major version, None for a plan captured elsewhere. ``settings`` are the server's, as SHOW has
    them (``4MB``); without a server those that the plan came with.
    """

    plan: Plan
    version: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[Relation, TableFacts] = field(default_factory=dict)
    _parents: Mapping[int, PlanNode] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        parents = {child.id: node for node in self.plan.nodes() for child in node.children}
        object.__setattr__(self, "_parents", parents)

    def facts(self, node: PlanNode) -> TableFacts:
        """Return what is known of the table a node reads."""
        if node.relation is None:
            return TableFacts()
        return self.tables.get(Relation(node.schema, node.relation), TableFacts())

    def parent(self, node: PlanNode) -> PlanNode | None:
        """Return the node that reads this one."""
        return self._parents.get(node.id)

    def above(self, node: PlanNode) -> Iterator[PlanNode]:
        """Yield the nodes above it, the nearest first."""
        while (parent := self.parent(node)) is not None:
            yield parent
            node = parent

    def spent(self, nodes: Iterable[PlanNode]) -> float | None:
        """Return the nodes' own times together, in ms on the clock; None where they were not measured.

        It is never more than the query's: a time of a loop is given in whole microseconds, and many of them add up.
        """
        actuals = [node.actual for node in nodes]
        times = [actual.own_ms for actual in actuals if actual is not None and actual.own_ms is not None]
        if len(times) < len(actuals):
            return None
        return sum(times) if self.plan.ms is None else min(sum(times), self.plan.ms)

    def worth(self, nodes: Iterable[PlanNode]) -> bool:
        """Whether what the nodes take by themselves could be felt: in time, else in cost."""
        nodes = [node for node in nodes if node.actual is None or not node.actual.never_ran]
        spent = self.spent(nodes)
        if spent is not None:
            return self.worth_ms(spent)
        cost = sum(node.estimate.own_cost for node in nodes)
        return cost >= max(LEAST_COST, LEAST_SHARE * self.plan.root.estimate.total_cost)

    def worth_ms(self, ms: float) -> bool:
        """Whether that much of the query's time could be felt."""
        return ms >= max(LEAST_MS, LEAST_SHARE * (self.plan.ms or 0.0))

    @property
    def quick(self) -> bool:
        """Whether the query is over so soon that nothing about it is more than an info."""
        if self.plan.ms is None:
            return self.plan.root.estimate.total_cost < QUICK_COST
        return self.plan.ms + (self.plan.planning_ms or 0.0) < QUICK_MS


@dataclass(frozen=True, slots=True)
class Found:
    """Something a finding saw, at a node or (None) in the whole plan.

    ``saving_ms`` is the most that the remedy could save, None where that can't be told.
    """

    node: PlanNode | None
    message: str
    evidence: str
    remedy: str | None = None
    saving_ms: float | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A finding's module, read."""

    slug: str
    severity: Severity
    text: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    find: Callable[[Subject], Iterable[Found]]

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.text.split("\n", maxsplit=1)[0]
