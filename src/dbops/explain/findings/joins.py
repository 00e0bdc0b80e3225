"""How a nested loop finds the rows of its inner side."""

from __future__ import annotations

from dbops.explain.findings import names
from dbops.explain.findings.conditions import indexable, of_scan
from dbops.explain.findings.indexes import create
from dbops.explain.findings.trees import aliases, feeding, figure, mentions, processes, side
from dbops.results.plan import PlanNode

OFTEN = 1000
"""From so many executions on, what is executed again and again is told of: QuerySense's threshold."""
LOST = 0.1
"""From this share of lost keys on a cache is told to be too small; dbops's own threshold."""


def sides(node: PlanNode) -> tuple[PlanNode, PlanNode] | None:
    """Return a join's outer and inner side; None for what is no join."""
    outer, inner = side(node, "Outer"), side(node, "Inner")
    return (outer, inner) if outer is not None and inner is not None else None


def looks_up(outer: PlanNode, inner: PlanNode) -> bool:
    """Whether the inner side is executed with the values of an outer row, rather than always the same."""
    return mentions(inner.walk(), aliases(outer.walk()))


def unserved(outer: PlanNode, inner: PlanNode) -> PlanNode | None:
    """Return a table's scan that searches the whole table for the values of each outer row."""
    names_outside = aliases(outer.walk())
    scans = (node for node in feeding(inner) if node.kind == "Seq Scan" and node.relation)
    return next((node for node in scans if mentions([node], names_outside)), None)


def lost(cache: PlanNode) -> float:
    """Return which share of the keys that a Memoize looked up it dropped again, or could not keep."""
    said = processes(cache, "Cache Misses")
    dropped = sum(figure(each, "Cache Evictions") + figure(each, "Cache Overflows") for each in said)
    return min(dropped / max(sum(figure(each, "Cache Misses") for each in said), 1.0), 1.0)


def index(scan: PlanNode) -> str | None:
    """Return CREATE INDEX on the columns by which a scan searches its table; None where it compares no columns."""
    columns = indexable(of_scan(scan), scan.alias)
    return create(scan, ", ".join(map(names.name, columns))) if columns else None
