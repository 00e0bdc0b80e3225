"""A plan as EXPLAIN's JSON again, for other tools and for ``dbops explain --plan``."""

from __future__ import annotations

import json
from typing import Any

from dbops.results.plan import Plan, PlanNode, Trigger


def document(plan: Plan) -> str:
    """Return the JSON text: an array of one object, as EXPLAIN (FORMAT JSON) gives it."""
    said: dict[str, Any] = {"Plan": _nodes(plan.root)}
    if plan.settings:
        said["Settings"] = dict(plan.settings)
    planning = _planning(plan)
    if planning:
        said["Planning"] = planning
    if plan.planning_ms is not None:
        said["Planning Time"] = plan.planning_ms
    if plan.triggers:
        said["Triggers"] = [*map(_trigger, plan.triggers)]
    if plan.jit_ms is not None:
        said["JIT"] = {"Functions": plan.jit_functions, "Timing": {"Total": plan.jit_ms}}
    if plan.serialization_ms is not None:
        said["Serialization"] = {"Time": plan.serialization_ms} | _kilobytes("Output Volume", plan.serialization_bytes)
    if plan.execution_ms is not None:
        said["Execution Time"] = plan.execution_ms
    if plan.query is not None:
        said["Query Text"] = plan.query
    return json.dumps([said], indent=1, ensure_ascii=False)


def _nodes(root: PlanNode) -> dict[str, Any]:
    made: dict[int, dict[str, Any]] = {}
    for node in reversed([*root.walk()]):  # children before their parents
        made[node.id] = dict(node.raw)
        if node.children:
            made[node.id]["Plans"] = [made[child.id] for child in node.children]
    return made[root.id]


def _planning(plan: Plan) -> dict[str, Any]:
    said: dict[str, Any] = _kilobytes("Memory Used", plan.planning_memory_bytes)
    if plan.planning_buffers is not None:
        said["Shared Hit Blocks"] = plan.planning_buffers.hit
        said["Shared Read Blocks"] = plan.planning_buffers.read
    return said


def _trigger(trigger: Trigger) -> dict[str, Any]:
    said = {
        "Trigger Name": trigger.name,
        "Constraint Name": trigger.constraint,
        "Relation": trigger.relation,
        "Time": trigger.ms,
    }
    return {name: value for name, value in said.items() if value is not None} | {"Calls": trigger.calls}


def _kilobytes(name: str, size: int | None) -> dict[str, int]:
    return {} if size is None else {name: size // 1024}
