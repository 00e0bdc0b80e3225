"""Which nodes work for which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Any

from dbops.results.plan import Plan, PlanNode

GATHERS = frozenset({"Gather", "Gather Merge"})
JOINS = frozenset({"Nested Loop", "Hash Join", "Merge Join"})
SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
"""Those of a table of this database."""
_QUALIFIER = re.compile(r'"((?:[^"]|"")+)"\.|(?<![\w$."])([^\W\d][\w$]*)\.')
_HELD = frozenset({"Materialize", "Memoize", "Sort", "Incremental Sort", "Hash", "Gather", "Gather Merge", "Limit"})


def feeding(node: PlanNode) -> Iterator[PlanNode]:
    """Yield the node and those its rows come from, without InitPlans and SubPlans."""
    yield node
    for child in node.inputs:
        yield from feeding(child)


def side(node: PlanNode, role: str) -> PlanNode | None:
    """Return a join's ``Outer`` or ``Inner`` side."""
    return next((child for child in node.children if child.role == role), None)


def source(node: PlanNode) -> PlanNode:
    """Return where a node's rows come from, below what only keeps, orders or hands them on."""
    while node.kind in _HELD and len(node.inputs) == 1:
        node = node.inputs[0]
    return node


def cte(plan: Plan, scan: PlanNode) -> PlanNode | None:
    """Return the root of the CTE that a CTE Scan reads."""
    name = f"CTE {scan.text('CTE Name')}"
    return next((node for node in plan.nodes() if node.subplan == name), None)


def rows(node: PlanNode) -> float:
    """Return the rows it gave, or where it was not run those expected of one execution."""
    return node.actual.rows if node.actual else node.estimate.rows


def expressions(node: PlanNode) -> Iterator[str]:
    """Yield the node's expressions, and whatever else it says in words."""
    for value in node.raw.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))


def mentions(nodes: Iterable[PlanNode], aliases: Set[str]) -> bool:
    """Whether the nodes' expressions name a column of one of these tables."""
    return any(
        (match[1].replace('""', '"') if match[1] else match[2]) in aliases
        for node in nodes
        for text in expressions(node)
        for match in _QUALIFIER.finditer(text)
    )


def aliases(nodes: Iterable[PlanNode]) -> set[str]:
    """Return what the nodes' tables are called in expressions."""
    return {node.alias for node in nodes if node.alias}


def processes(node: PlanNode, attribute: str) -> tuple[dict[str, Any], ...]:
    """Return what each process said of a node that has this attribute: the leader, then the workers."""
    workers = node.raw.get("Workers", ())
    said = [node.raw, *(workers if isinstance(workers, list | tuple) else ())]
    return tuple(dict(each) for each in said if isinstance(each, dict) and attribute in each)


def figure(said: dict[str, Any], attribute: str) -> float:
    """Return a figure of one process, 0 where there is none."""
    value = said.get(attribute, 0)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def executions(node: PlanNode) -> float:
    """Return how often it was executed by each of the processes that ran it, at least once."""
    return max(node.actual.loops / max(node.actual.processes, 1.0), 1.0) if node.actual else 1.0
