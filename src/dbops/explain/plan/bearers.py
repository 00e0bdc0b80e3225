"""In whose time the time of a node is.

Mostly its parent's. But an InitPlan hangs below the node that its query begins with, and is run by the first that needs
its value; a CTE is run bit by bit by the nodes that scan it. Below a Gather nobody runs an InitPlan from above: Gather
does, before it starts the workers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dbops.explain.plan.draft import Draft, expressions

_GATHERS = frozenset({"Gather", "Gather Merge"})
_INIT_PLAN = re.compile(r"(?P<name>InitPlan \S+)(?: \(returns (?P<params>[$\d,]+)\))?")
_MOST = 0.9
"""Which part of an InitPlan's time a node must have for itself to have run it; PostgreSQL rounds times."""


def bearers(parent: Draft, child: Draft) -> list[Draft]:
    """Return the nodes in whose time the child's is, those first that have most of it; none when it ran after them."""
    if child.role != "InitPlan":
        return [parent]
    if child.cte is not None:
        return _scans(parent, child, child.cte)
    return _runner(parent, child)


def _runner(parent: Draft, child: Draft) -> list[Draft]:
    """Return the node that ran an InitPlan: the first that uses its value and took long enough.

    Where it is used is unknown when it is in the output of a plan without VERBOSE.
    """
    nodes = list(_outside(parent, child))
    users = [runner for user, runner in nodes if _uses(user, child.subplan or "")]
    candidates = users or [runner for _, runner in nodes]
    able = [each for each in candidates if _has_room(each, child)]
    return (able or users or [parent])[:1]


def _has_room(node: Draft, child: Draft) -> bool:
    """Whether what is left of a node's time and blocks without its inputs is enough for the child's."""
    return _blocks(node.own) >= _blocks(child.spent) and node.own.get("ms", 0.0) >= _MOST * child.spent.get("ms", 0.0)


def _blocks(figures: Mapping[str, float]) -> float:
    return figures.get("hit", 0.0) + figures.get("read", 0.0)


def _scans(parent: Draft, child: Draft, name: str) -> list[Draft]:
    """Return the scans of a CTE. One that writes and that nobody scans is run at the end, in no node's time.

    The first scan to ask for a row lets the CTE make it: those that touched the most blocks, or took the longest, come
    first.
    """
    nodes = [each for each, _ in _outside(parent, child)]
    scans = [each for each in nodes if each.kind == "CTE Scan" and each.raw.get("CTE Name") == name and each.loops]
    return sorted(scans, key=lambda each: (_blocks(each.own), each.own.get("ms", 0.0)), reverse=True)


def _outside(parent: Draft, child: Draft) -> Iterator[tuple[Draft, Draft]]:
    """Yield the parent and what is below it, without the child, each with who runs an InitPlan that it needs.

    What is below a CTE of the same name means that one, not the child.
    """
    yield parent, parent
    nodes = [(each, parent if parent.kind in _GATHERS else None) for each in reversed(parent.children)]
    while nodes:
        node, gather = nodes.pop()
        if node is child:
            continue
        yield node, gather or node
        if child.cte is not None and any(each.cte == child.cte for each in node.children):
            continue
        within = gather or (node if node.kind in _GATHERS else None)
        nodes += [(each, within) for each in reversed(node.children)]


def _uses(node: Draft, name: str) -> bool:
    """Whether an expression of the node needs an InitPlan: ``$0`` before 17, ``(InitPlan 1).col1`` since."""
    match = _INIT_PLAN.fullmatch(name)
    if match is None:
        return False
    wanted = match["params"].split(",") if match["params"] else [f"({match['name']})"]
    text = " ".join(expressions(node.raw))
    return any(re.search(re.escape(each) + r"(?!\d)", text) for each in wanted)
