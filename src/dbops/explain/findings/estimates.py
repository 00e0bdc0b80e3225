"""Where a plan's row estimates begin to be wrong.

A wrong estimate is carried upwards: a join of ten times the rows gives ten times the rows. So a node is to blame only
for what is left of its factor when those of its inputs are taken out.
"""

from __future__ import annotations

from math import prod

from dbops.explain.findings.finding import Subject
from dbops.explain.findings.scans import partitions
from dbops.explain.findings.trees import JOINS, SCANS, cte
from dbops.results.plan import Plan, PlanNode

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
    nodes = list(subject.plan.nodes())
    # A filter that is misjudged is so in every partition: the Append above them answers for it.
    answered_for = {part.id for node in nodes for part in partitions(node)}
    found: list[PlanNode] = []
    above: set[int] = set()
    for node in reversed(nodes):  # what is below comes first
        own = 1.0 if node.id in answered_for else _own(subject.plan, node)
        least = _FARTHER if node.id in above else FAR
        if max(own, 1 / own) >= least and _matters(subject, node):
            found.append(node)
            above |= {each.id for each in subject.above(node)}
    return found[::-1]


def _own(plan: Plan, node: PlanNode) -> float:
    """Return the part of a node's factor that its inputs don't explain."""
    whole = node.factor
    if not whole or node.kind in _UNKNOWABLE:
        return 1.0
    inherited = _inherited(plan, node)
    return max(whole / max(inherited, 1.0), 1.0) if whole > 1 else min(whole / min(inherited, 1.0), 1.0)


def _inherited(plan: Plan, node: PlanNode) -> float:
    if node.kind in SCANS or partitions(node):
        return 1.0
    inputs = list(node.inputs)
    if node.kind == "CTE Scan":
        root = cte(plan, node)
        inputs = [root] if root is not None else []
    if node.text("Join Type") in {"Semi", "Anti"}:
        inputs = [each for each in inputs if each.role == "Outer"]
    factors = [each.factor or 1.0 for each in inputs]
    if node.kind in JOINS:
        return prod(factors)
    wrong = node.factor or 1.0
    return max(factors, default=1.0) if wrong > 1 else min(factors, default=1.0)


def _matters(subject: Subject, node: PlanNode) -> bool:
    """Whether a plan hangs on it: of many rows, how a table is read, or how it is joined above."""
    if node.actual is None or max(node.actual.rows, node.expected_rows or 0.0) < _ROWS:
        return False
    return node.kind in SCANS or bool(partitions(node)) or any(each.kind in JOINS for each in subject.above(node))
