"""A node while its figures are being worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbops.explain.plan.attributes import number

_NO_EXPRESSIONS = frozenset({"Plans", "Subplan Name", "Node Type", "Alias", "Relation Name", "Index Name", "Workers"})


@dataclass(slots=True)
class Draft:
    """A node of a plan.

    ``processes`` is how many ran it side by side. ``spent`` are its figures by name, totals with all below, and
    ``own`` what is left of them without. ``cost`` is what executing it costs its parent, in the planner's units.
    ``loops`` is how often it was executed, in all processes. ``expected`` are the rows the planner expected of
    ``executions``, None where they are unknown.
    """

    raw: Mapping[str, Any]
    id: int
    role: str
    processes: float = 1.0
    cut_short: bool = False
    children: list[Draft] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)
    own: dict[str, float] = field(default_factory=dict)
    cost: float = 0.0
    executions: float = 1.0
    expected: float | None = None
    loops: float = field(init=False)

    def __post_init__(self) -> None:
        self.loops = number(self.raw, "Actual Loops")

    @property
    def kind(self) -> str:
        """PostgreSQL's node type."""
        return str(self.raw.get("Node Type", ""))

    @property
    def subplan(self) -> str | None:
        """The name of an InitPlan, SubPlan or CTE."""
        name = self.raw.get("Subplan Name")
        return None if name is None else str(name)

    @property
    def cte(self) -> str | None:
        """The name of the CTE whose query it is."""
        name = self.subplan or ""
        return name.removeprefix("CTE ") if self.role == "InitPlan" and name.startswith("CTE ") else None

    @property
    def parallel(self) -> bool:
        """Whether several processes share its work."""
        return bool(self.raw.get("Parallel Aware"))

    def child(self, role: str) -> Draft | None:
        """Return the first child of a role."""
        return next((each for each in self.children if each.role == role), None)

    def walk(self) -> Iterator[Draft]:
        """Yield the node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def is_hashed(self, child: Draft) -> bool:
        """Whether it runs a SubPlan once, into a hash table, rather than for each row."""
        hashed = re.compile(rf"hashed {re.escape(child.subplan or '')}(?!\d)")
        return any(hashed.search(text) for text in expressions(self.raw))


def expressions(raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a node in which there may be SQL."""
    for key, value in raw.items():
        if key in _NO_EXPRESSIONS:
            continue
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))
