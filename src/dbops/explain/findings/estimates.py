"""Where a plan's row estimates begin to be wrong.

A wrong estimate is carried upwards: a join of ten times the rows gives ten times the rows. So a node is to blame only
for what is left of its factor when those of its inputs are taken out.
"""

from __future__ import annotations

from math import prod

from dbops.explain.findings.finding import Subject
from dbops.explain.findings.scans import partitions
from dbops.explain.findings.trees import GATHERS, JOINS, SCANS, cte, feeding
from dbops.results.plan import PlanNode

FAR = 10.0
"""From this factor on an estimate is far off: pev2's and pgAdmin's first threshold."""
_FARTHER = 100.0
"""Above another wrong estimate only from this factor on, as one often brings about the next."""
_ROWS = 1000.0
"""Where fewer rows were expected and came, any plan is as good; dbops's own threshold."""
_UNKNOWABLE = frozenset(
    {"WorkTable Scan", "Recursive Union", "Bitmap Index Scan", "BitmapAnd", "BitmapOr", "ModifyTable"}
)
"""A recursion is taken to give ten times its first step, whatever it does; bitmaps are judged with their heap scan."""


def origins(subject: Subject) -> list[PlanNode]:
    """Return the nodes at which an estimate that matters begins to be far off."""
    found: list[PlanNode] = []
    for node in reversed(list(subject.plan.nodes())):  # what is below comes first
        own = _own(subject, node)
        below = {each.id for each in node.walk()}
        least = _FARTHER if any(each.id in below for each in found) else FAR
        if max(own, 1 / own) >= least and _matters(subject, node):
            found.append(node)
    return found[::-1]


def factor(subject: Subject, node: PlanNode) -> float | None:
    """Return actual rows over expected ones, None where that says nothing.

    Workers that were planned and did not run leave more rows to each process that did: that is no wrong estimate.
    """
    if node.factor is None or node.factor <= 0:
        return None
    gather = next((each for each in subject.above(node) if each.kind in GATHERS), None)
    if gather is None or not any(each.raw.get("Parallel Aware") for each in feeding(node)):
        return node.factor
    planned, launched = gather.number("Workers Planned"), gather.number("Workers Launched")
    if launched >= planned:
        return node.factor
    # The planner counts the leader as 1 - 0.3 for each worker (get_parallel_divisor).
    divisor = planned + max(1 - 0.3 * planned, 0.0)
    return node.factor / max(divisor / (launched + 1), 1.0)


def _own(subject: Subject, node: PlanNode) -> float:
    """Return the part of a node's factor that its inputs don't explain."""
    whole = factor(subject, node)
    if whole is None or node.kind in _UNKNOWABLE or _is_partition(subject, node):
        return 1.0
    inherited = _inherited(subject, node)
    return max(whole / max(inherited, 1.0), 1.0) if whole > 1 else min(whole / min(inherited, 1.0), 1.0)


def _inherited(subject: Subject, node: PlanNode) -> float:
    if node.kind in SCANS or partitions(node):
        return 1.0
    inputs = list(node.inputs)
    if node.kind == "CTE Scan":
        root = cte(subject.plan, node)
        inputs = [root] if root is not None else []
    if node.text("Join Type") in {"Semi", "Anti"}:
        inputs = [each for each in inputs if each.role == "Outer"]
    factors = [factor(subject, each) or 1.0 for each in inputs]
    if node.kind in JOINS:
        return prod(factors)
    wrong = node.factor or 1.0
    return max(factors, default=1.0) if wrong > 1 else min(factors, default=1.0)


def _is_partition(subject: Subject, node: PlanNode) -> bool:
    """Whether the Append above it answers for it: a filter that is misjudged is so in every partition."""
    parent = subject.parent(node)
    return parent is not None and any(part.id == node.id for part in partitions(parent))


def _matters(subject: Subject, node: PlanNode) -> bool:
    """Whether a plan hangs on it: of many rows, how a table is read, or how it is joined above."""
    if node.actual is None or max(node.actual.rows, node.expected_rows or 0.0) < _ROWS:
        return False
    return node.kind in SCANS or bool(partitions(node)) or any(each.kind in JOINS for each in subject.above(node))
