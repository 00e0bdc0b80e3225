"""Small plans, written by hand as EXPLAIN (FORMAT JSON) would."""

from __future__ import annotations

from typing import Any

from dbops.explain.plan.tree import plan_of
from dbops.results.plan import Plan


def node(
    kind: str,
    *,
    table: str | None = None,
    rows: float = 1,
    loops: float = 1,
    ms: float | None = None,
    cost: float = 1.0,
    expected: float = 1,
    role: str = "Outer",
    plans: list[dict[str, Any]] | None = None,
    **attributes: Any,
) -> dict[str, Any]:
    """Return a node; one with ``ms`` was run. ``attributes`` have PostgreSQL's names with _ for blanks."""
    made: dict[str, Any] = {"Node Type": kind, "Parent Relationship": role, "Startup Cost": 0.0, "Total Cost": cost}
    made |= {"Plan Rows": expected, "Plan Width": 8}
    if table is not None:
        made |= {"Relation Name": table, "Schema": "public", "Alias": table}
    if ms is not None:
        made |= {"Actual Startup Time": 0.0, "Actual Total Time": ms, "Actual Rows": rows, "Actual Loops": loops}
    made |= {name.replace("_", " "): value for name, value in attributes.items()}
    if plans:
        made["Plans"] = plans
    return made


def plan(root: dict[str, Any], *, ms: float | None = None, **document: Any) -> Plan:
    """Return the plan with that root; ``ms`` is its execution time."""
    times = {} if ms is None else {"Execution Time": ms, "Planning Time": 0.1}
    return plan_of({"Plan": root, **times, **{name.replace("_", " "): value for name, value in document.items()}})
