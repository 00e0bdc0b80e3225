"""Which blocks of a bitmap heap scan were known row by row."""

from __future__ import annotations

from dbops.explain.findings.trees import figure, processes
from dbops.results.plan import PlanNode


def blocks(node: PlanNode) -> tuple[float, float]:
    """Return the lossy and the exact blocks of a bitmap heap scan, of all its processes (those of workers since 18)."""
    said = processes(node, "Lossy Heap Blocks")
    lossy, exact = ("Lossy Heap Blocks", "Exact Heap Blocks")
    return sum(figure(each, lossy) for each in said), sum(figure(each, exact) for each in said)


def by_nature(node: PlanNode) -> bool:
    """Whether no block is exact: an index such as BRIN knows no rows, while memory always suffices for some."""
    lossy, exact = blocks(node)
    return bool(lossy) and not exact
