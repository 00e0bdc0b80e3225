"""What a finding about a plan is, and what it says.

A finding is a module in ``findings/checks/``; its file's name, with hyphens, is its slug. It has

- a docstring: a line that says what is found, then paragraphs that begin with ``Why:``, ``Instead:`` and ``Source:``
  (where its thresholds come from),
- ``SEVERITY``, the Severity of what it finds unless a Found says otherwise,
- ``BAD`` and ``GOOD``: queries in whose plans it must and must not find something. A text may begin with lines
  ``-- setup: CREATE TABLE …`` that are run before, ``-- set: work_mem = '64kB'`` for the session that explains, and
  ``-- pg: 15`` for the oldest version that can show it; ``-- plan only`` has it planned and not run,
- ``find``: it takes a Subject and yields what it Found.

A test runs every example on a real server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from dbops.results.lint import Severity
from dbops.results.plan import Plan, PlanNode
from dbops.sql.nodes import Relation

DEFAULT_WORK_MEM_KB = 4096
"""PostgreSQL's own default, for a plan whose server isn't known."""


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

    def facts(self, node: PlanNode) -> TableFacts:
        """Return what is known of the table a node reads."""
        if node.relation is None:
            return TableFacts()
        return self.tables.get(Relation(node.schema, node.relation), TableFacts())

    def parent(self, node: PlanNode) -> PlanNode | None:
        """Return the node that reads this one."""
        return next((each for each in self.plan.nodes() if any(child is node for child in each.children)), None)


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
