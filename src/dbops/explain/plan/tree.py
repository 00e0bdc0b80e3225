"""EXPLAIN's JSON document as a Plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from dbops.explain.plan import cut_short
from dbops.explain.plan.attributes import number
from dbops.explain.plan.draft import Draft
from dbops.explain.plan.estimates import expect, factor
from dbops.explain.plan.label import label
from dbops.explain.plan.times import work_out
from dbops.results.plan import Actual, Buffers, Estimate, Plan, PlanNode, Trigger


def plan_of(document: Mapping[str, Any]) -> Plan:
    """Return the plan of one document of EXPLAIN (FORMAT JSON): the object with ``Plan`` in it.

    Raises KeyError or TypeError where it is none; the texts that people pass are checked in ``reading``.
    """
    root = _draft(document["Plan"], count(1), "")
    work_out(root)
    cut_short.mark(root)
    settings = {str(name): str(value) for name, value in document.get("Settings", {}).items()}
    expect(root, settings)
    execution = _optional(document, "Execution Time")
    whole = execution or root.spent.get("ms")
    planning = document.get("Planning", {})
    serialization = document.get("Serialization", {})
    jit = document.get("JIT", {})
    analyzed = "Actual Loops" in root.raw
    return Plan(
        root=_node(root, whole, root.cost or 1.0),
        analyzed=analyzed,
        planning_ms=_optional(document, "Planning Time"),
        execution_ms=execution,
        planning_buffers=_planning_buffers(planning),
        planning_memory_bytes=_kilobytes(planning, "Memory Used"),
        serialization_ms=_optional(serialization, "Time"),
        serialization_bytes=_kilobytes(serialization, "Output Volume"),
        jit_ms=_optional(jit.get("Timing", {}), "Total"),
        jit_functions=int(jit.get("Functions", 0)),
        triggers=tuple(map(_trigger, document.get("Triggers", ()))),
        settings=settings,
        query=document.get("Query Text"),
    )


def _draft(raw: Mapping[str, Any], numbers: Iterator[int], role: str) -> Draft:
    draft = Draft(raw, next(numbers), role)
    for child in raw.get("Plans", ()):
        draft.children.append(_draft(child, numbers, str(child.get("Parent Relationship", ""))))
    return draft


def _node(draft: Draft, whole: float | None, whole_cost: float) -> PlanNode:
    raw = draft.raw
    actual = _actual(draft, whole)
    estimate = Estimate(
        startup_cost=number(raw, "Startup Cost"),
        total_cost=number(raw, "Total Cost"),
        rows=number(raw, "Plan Rows"),
        width=int(number(raw, "Plan Width")),
        known="Plan Rows" in raw,
        own_cost=draft.own.get("cost", 0.0),
        cost_share=min(draft.own.get("cost", 0.0) / whole_cost, 1.0),
    )
    children = tuple(_node(child, whole, whole_cost) for child in draft.children)
    return PlanNode(
        id=draft.id,
        kind=draft.kind,
        label=label(raw),
        role=draft.role,
        subplan=draft.subplan,
        relation=_text(raw, "Relation Name"),
        schema=_text(raw, "Schema"),
        alias=_text(raw, "Alias"),
        index=_text(raw, "Index Name"),
        estimate=estimate,
        actual=actual,
        buffers=_buffers(draft.spent),
        own_buffers=_buffers({name: value for name, value in draft.own.items() if name in draft.spent}),
        expected_rows=draft.expected,
        factor=factor(draft),
        cut_short=draft.cut_short,
        raw={key: value for key, value in raw.items() if key != "Plans"},
        children=children,
    )


def _actual(draft: Draft, whole: float | None) -> Actual | None:
    raw = draft.raw
    if "Actual Loops" not in raw:
        return None
    own = draft.own.get("ms")
    return Actual(
        loops=draft.loops,
        rows=number(raw, "Actual Rows") * draft.loops,
        ms=draft.spent.get("ms"),
        own_ms=own,
        share=None if own is None or not whole else min(own / whole, 1.0),
        processes=draft.processes,
    )


def _buffers(figures: Mapping[str, float]) -> Buffers | None:
    counts = {name: int(value) for name, value in figures.items() if name not in {"ms", "read_ms", "write_ms"}}
    if not counts:
        return None
    return Buffers(**counts, read_ms=figures.get("read_ms"), write_ms=figures.get("write_ms"))


def _planning_buffers(planning: Mapping[str, Any]) -> Buffers | None:
    if "Shared Hit Blocks" not in planning:
        return None
    return Buffers(hit=int(number(planning, "Shared Hit Blocks")), read=int(number(planning, "Shared Read Blocks")))


def _trigger(said: Mapping[str, Any]) -> Trigger:
    return Trigger(
        name=str(said.get("Trigger Name", "")),
        relation=_text(said, "Relation"),
        constraint=_text(said, "Constraint Name"),
        calls=int(number(said, "Calls")),
        ms=_optional(said, "Time"),
    )


def _text(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    return None if value is None else str(value)


def _optional(said: Mapping[str, Any], key: str) -> float | None:
    value = said.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _kilobytes(said: Mapping[str, Any], key: str) -> int | None:
    value = _optional(said, key)
    return None if value is None else int(value * 1024)
