"""Which part of the time, the blocks and the cost is a node's own.

PostgreSQL's figures include the nodes below, and its times are averages over loops. Three things make that more than a
subtraction:

- Below a Gather several processes run at once. What they took together divided by their number is the time on the
  clock; their number is how often Gather's child was started for each time Gather was.
- An InitPlan hangs below one node and is run by the first that needs its value; a CTE hangs below the query and is run
  bit by bit by the nodes that scan it. Their time is inside the time of whoever ran them, and is subtracted there.
- Costs are of one execution: the inner side of a nested loop is executed once an outer row, and a LIMIT pays only a
  part of what is below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_GATHERS = frozenset({"Gather", "Gather Merge"})
BLOCKS = {
    "hit": ("Shared Hit Blocks", "Local Hit Blocks"),
    "read": ("Shared Read Blocks", "Local Read Blocks"),
    "dirtied": ("Shared Dirtied Blocks", "Local Dirtied Blocks"),
    "written": ("Shared Written Blocks", "Local Written Blocks"),
    "temp_read": ("Temp Read Blocks",),
    "temp_written": ("Temp Written Blocks",),
}
# I/O times before 17 were of shared blocks alone, and had no such word in their name.
IO_TIMES = {
    "read_ms": ("I/O Read Time", "Shared I/O Read Time", "Local I/O Read Time", "Temp I/O Read Time"),
    "write_ms": ("I/O Write Time", "Shared I/O Write Time", "Local I/O Write Time", "Temp I/O Write Time"),
}
_INIT_PLAN = re.compile(r"InitPlan (?:\S+?,? ?)*?\(returns (?P<params>[$\d,]+)\)|(?P<name>InitPlan \S+)")
_NO_EXPRESSIONS = frozenset({"Plans", "Subplan Name", "Node Type", "Alias", "Relation Name", "Index Name", "Workers"})


@dataclass(slots=True)
class Draft:
    """A node while its figures are being worked out; ``spent`` are figures by name, totals with all below."""

    raw: Mapping[str, Any]
    id: int
    role: str
    processes: float
    cut_short: bool = False
    children: list[Draft] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)
    own: dict[str, float] = field(default_factory=dict)
    cost: float = 0.0
    """What executing it costs its parent, in the planner's units."""

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
    def loops(self) -> float:
        """How often it was executed, in all processes."""
        return _number(self.raw, "Actual Loops")

    def walk(self) -> Iterator[Draft]:
        """Yield the node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def work_out(root: Draft) -> None:
    """Fill in ``processes``, ``spent``, ``own`` and ``cost`` of every node."""
    _count_processes(root, 1.0)
    for draft in root.walk():
        draft.spent = dict(_spent(draft))
    borne = {id(draft): list[Draft]() for draft in root.walk()}
    for draft in root.walk():
        for child in draft.children:
            for bearer in _bearers(draft, child):
                borne[id(bearer)].append(child)
    bearers = _counted(borne)
    for draft in root.walk():
        draft.own = _own(draft, borne[id(draft)], bearers)
    _share_cost(root, _number(root.raw, "Total Cost"))


def _counted(borne: Mapping[int, list[Draft]]) -> dict[int, int]:
    """Return how many nodes bear each node's time."""
    counts: dict[int, int] = {}
    for children in borne.values():
        for child in children:
            counts[id(child)] = counts.get(id(child), 0) + 1
    return counts


def _count_processes(draft: Draft, processes: float) -> None:
    draft.processes = processes
    for child in draft.children:
        within = processes
        if draft.kind in _GATHERS and child.role == "Outer" and draft.loops and child.loops:
            within = max(child.loops / draft.loops, 1.0) * processes
        _count_processes(child, within)


def _spent(draft: Draft) -> Iterator[tuple[str, float]]:
    raw = draft.raw
    if "Actual Total Time" in raw:
        yield "ms", _number(raw, "Actual Total Time") * draft.loops / draft.processes
    for name, keys in (*BLOCKS.items(), *IO_TIMES.items()):
        if any(key in raw for key in keys):
            yield name, sum(_number(raw, key) for key in keys)


def _own(draft: Draft, children: list[Draft], bearers: Mapping[int, int]) -> dict[str, float]:
    """Take from what was spent what the nodes took that it ran; several that ran one share it evenly."""
    own = {}
    for name, total in draft.spent.items():
        taken = sum(child.spent.get(name, 0.0) / bearers[id(child)] for child in children)
        own[name] = max(total - taken, 0.0)
    return own


def _bearers(parent: Draft, child: Draft) -> list[Draft]:
    """Return the nodes in whose time the child's is."""
    if child.role != "InitPlan":
        return [parent]
    name = child.subplan or ""
    if name.startswith("CTE "):
        return _scans(parent, child, name.removeprefix("CTE "))
    users = [each for each in _outside(parent, child) if _uses(each.raw, name)]
    large_enough = [each for each in users if _without(each, child) >= 0.9 * child.spent.get("ms", 0.0)]
    return (large_enough or users or [parent])[:1]


def _without(user: Draft, child: Draft) -> float:
    """Return the user's time less that of what stands below it, apart from the child itself."""
    return user.spent.get("ms", 0.0) - sum(
        each.spent.get("ms", 0.0) for each in user.children if each.role != "InitPlan" and each is not child
    )


def _scans(parent: Draft, child: Draft, name: str) -> list[Draft]:
    """Return the scans of a CTE. One that writes and that nobody scans is run at the end, in no node's time.

    The first scan to ask for a row lets the CTE make it: the one that touched as many blocks, or else took the
    longest. Only where none was long enough for all of it, several share it.
    """
    scans = [
        each
        for each in _outside(parent, child)
        if each.kind in {"CTE Scan", "WorkTable Scan"} and each.raw.get("CTE Name") == name and each.loops
    ]
    alone = [each for each in scans if each.spent.get("ms", 0.0) >= child.spent.get("ms", 0.0)]
    return sorted(alone, key=_weight, reverse=True)[:1] or scans


def _weight(draft: Draft) -> tuple[float, float]:
    return draft.spent.get("hit", 0.0) + draft.spent.get("read", 0.0), draft.spent.get("ms", 0.0)


def _outside(parent: Draft, child: Draft) -> Iterator[Draft]:
    """Yield the parent and what is below it, without the child."""
    yield parent
    for each in parent.children:
        if each is not child:
            yield from each.walk()


def _uses(raw: Mapping[str, Any], name: str) -> bool:
    """Whether an expression of the node needs an InitPlan: ``$0`` before 17, ``(InitPlan 1).col1`` since."""
    match = _INIT_PLAN.search(name)
    if match is None:
        return False
    wanted = match["params"].split(",") if match["params"] else [f"({match['name']})"]
    text = " ".join(_expressions(raw))
    return any(re.search(re.escape(each) + r"(?!\d)", text) for each in wanted)


def _expressions(raw: Mapping[str, Any]) -> Iterator[str]:
    for key, value in raw.items():
        if key in _NO_EXPRESSIONS:
            continue
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))


def _share_cost(draft: Draft, cost: float) -> None:
    """Hand a node's cost down: to each child what its executions cost, but never more than there is."""
    draft.cost = cost
    wanted = [(child, _wanted(draft, child)) for child in draft.children]
    total = sum(each for _, each in wanted)
    left = cost
    outer = next((each for child, each in wanted if draft.kind == "Nested Loop" and child.role == "Outer"), 0.0)
    if total > cost and outer and total > outer:
        # Of a nested loop the outer side is executed as planned: it is the inner one's rescans that come cheaper.
        rest = max(cost - outer, 0.0) / (total - outer)
        wanted = [(child, each if child.role == "Outer" else each * rest) for child, each in wanted]
    elif total > cost:
        wanted = [(child, each * cost / total) for child, each in wanted]
    for child, each in wanted:
        _share_cost(child, each)
        left -= each
    draft.own["cost"] = max(left, 0.0)


def _wanted(parent: Draft, child: Draft) -> float:
    cost = _number(child.raw, "Total Cost")
    if parent.kind == "Nested Loop" and child.role == "Inner":
        outer = next((each for each in parent.children if each.role == "Outer"), None)
        return cost * max(_number(outer.raw, "Plan Rows") if outer else 1.0, 1.0)
    if child.role == "SubPlan" and not any(f"hashed {child.subplan}" in text for text in _expressions(parent.raw)):
        return cost * max(_number(parent.raw, "Plan Rows"), 1.0)
    return cost


def _number(raw: Mapping[str, Any], key: str) -> float:
    value = raw.get(key, 0)
    return float(value) if isinstance(value, int | float) else 0.0
