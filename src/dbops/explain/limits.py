"""Limits that a plan must keep, for CI. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from dbops.errors import UsageError
from dbops.results.explain import BrokenLimit
from dbops.results.plan import Plan, PlanNode

# PostgreSQL's node types (explain.c), 13 to 18.
_KINDS = (
    "Result", "ProjectSet", "ModifyTable", "Append", "Merge Append", "Recursive Union", "BitmapAnd", "BitmapOr",
    "Nested Loop", "Merge Join", "Hash Join", "Seq Scan", "Sample Scan", "Gather", "Gather Merge", "Index Scan",
    "Index Only Scan", "Bitmap Index Scan", "Bitmap Heap Scan", "Tid Scan", "Tid Range Scan", "Subquery Scan",
    "Function Scan", "Table Function Scan", "Values Scan", "CTE Scan", "Named Tuplestore Scan", "WorkTable Scan",
    "Foreign Scan", "Custom Scan", "Materialize", "Memoize", "Sort", "Incremental Sort", "Group", "Aggregate",
    "WindowAgg", "Unique", "SetOp", "LockRows", "Limit", "Hash",
)  # fmt: skip


def slug(kind: str) -> str:
    """Return a node type as a limit names it: ``seq-scan``."""
    return kind.lower().replace(" ", "-")


_SLUGS = {slug(kind): kind for kind in _KINDS}


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A node type that must not be in the plan: of one relation, or (None) at all. ``text`` is how it was written."""

    text: str
    kind: str
    relation: str | None

    @classmethod
    def read(cls, text: str) -> Forbidden:
        """Read ``seq-scan:orders`` or ``nested-loop``. Raises UsageError."""
        name, _, relation = text.partition(":")
        kind = _SLUGS.get(name.strip().lower())
        if kind is None:
            near = difflib.get_close_matches(name.strip().lower(), _SLUGS, n=1)
            raise UsageError(
                f"--forbid {text}: there is no plan node {name!r}",
                hint=f"did you mean {near[0]}?" if near else "write a node type, such as seq-scan:orders or sort",
                details=[{"field": "--forbid", "error": f"unknown node {name}"}],
            )
        return cls(text, kind, relation.strip() or None)

    def meets(self, node: PlanNode) -> bool:
        """Whether the node is of that kind, and reads or (for a scan of a bitmap) serves that relation."""
        if node.kind != self.kind:
            return False
        return self.relation is None or self.relation in {
            node.relation,
            node.index,
            f"{node.schema}.{node.relation}",
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan must keep to; None and empty are no limit."""

    max_ms: float | None = None
    max_cost: float | None = None
    forbidden: tuple[Forbidden, ...] = ()


def broken(plan: Plan, limits: Limits, *, timed_out_after: float | None = None) -> Iterator[BrokenLimit]:
    """Yield the limits that the plan breaks; ``timed_out_after`` are the seconds within which it did not end."""
    if limits.max_ms is not None:
        if plan.analyzed and plan.ms is not None and plan.ms > limits.max_ms:
            yield BrokenLimit("--max-ms", f"it took {plan.ms:.1f} ms, more than {limits.max_ms:g} ms")
        elif timed_out_after is not None and timed_out_after * 1000 >= limits.max_ms:
            yield BrokenLimit("--max-ms", f"it did not end within {timed_out_after:g} s")
    cost = plan.root.estimate.total_cost
    if limits.max_cost is not None and cost > limits.max_cost:
        yield BrokenLimit("--max-cost", f"its cost is {cost:.2f}, more than {limits.max_cost:g}")
    for each in limits.forbidden:
        nodes = [node for node in plan.nodes() if each.meets(node)]
        if nodes:
            places = ", ".join(f"#{node.id} {node.label}" for node in nodes[:3])
            yield BrokenLimit(f"--forbid {each.text}", f"the plan has {places}")
