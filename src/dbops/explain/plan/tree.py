"""EXPLAIN's JSON document as a Plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from dbops.explain.plan import cut_short
from dbops.explain.plan.draft import Draft
from dbops.explain.plan.label import label
from dbops.explain.plan.times import work_out
from dbops.results.plan import Actual, Buffers, Estimate, Plan, PlanNode, Trigger

# These count no rows: a bitmap's are those of the scan above it, and a write without RETURNING gives none.
_WITHOUT_ROWS = frozenset({"BitmapAnd", "BitmapOr", "ModifyTable"})


def plan_of(document: Mapping[str, Any]) -> Plan:
    """Return the plan of one document of EXPLAIN (FORMAT JSON): the object with ``Plan`` in it.

    Raises KeyError or TypeError where it is none; the texts that people pass are checked in ``reading``.
    """
    root = _draft(document["Plan"], count(1), "")
    work_out(root)
    cut_short.mark(root)
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
        settings={str(name): str(value) for name, value in document.get("Settings", {}).items()},
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
        startup_cost=_figure(raw, "Startup Cost"),
        total_cost=_figure(raw, "Total Cost"),
        rows=_figure(raw, "Plan Rows"),
        width=int(_figure(raw, "Plan Width")),
        known="Plan Rows" in raw,
        own_cost=draft.own.get("cost", 0.0),
        cost_share=min(draft.own.get("cost", 0.0) / whole_cost, 1.0),
    )
    expected = None if actual is None or not estimate.known else estimate.rows * actual.loops
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
        expected_rows=expected,
        factor=_factor(draft, actual),
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
        rows=_figure(raw, "Actual Rows") * draft.loops,
        ms=draft.spent.get("ms"),
        own_ms=own,
        share=None if own is None or not whole else min(own / whole, 1.0),
        processes=draft.processes,
    )


def _factor(draft: Draft, actual: Actual | None) -> float | None:
    """Return actual over expected rows, both at least one a loop, as the planner expects no fewer."""
    if actual is None or actual.never_ran or draft.kind in _WITHOUT_ROWS or "Plan Rows" not in draft.raw:
        return None
    factor = max(actual.rows_per_loop, 1.0) / max(_figure(draft.raw, "Plan Rows"), 1.0)
    if factor < 1 and draft.cut_short:
        return None
    if factor > 1 and draft.role == "Inner" and draft.kind in {"Sort", "Materialize"} and _rereads(draft):
        return None
    return factor


def _rereads(draft: Draft) -> bool:
    """Whether a merge join went back in its inner side, which counts rows again each time."""
    below = draft.children[0] if draft.children else None
    return below is not None and _figure(draft.raw, "Actual Rows") > _figure(below.raw, "Actual Rows")


def _buffers(figures: Mapping[str, float]) -> Buffers | None:
    counts = {name: int(value) for name, value in figures.items() if name not in {"ms", "read_ms", "write_ms"}}
    if not counts:
        return None
    return Buffers(**counts, read_ms=figures.get("read_ms"), write_ms=figures.get("write_ms"))


def _planning_buffers(planning: Mapping[str, Any]) -> Buffers | None:
    if "Shared Hit Blocks" not in planning:
        return None
    return Buffers(hit=int(_figure(planning, "Shared Hit Blocks")), read=int(_figure(planning, "Shared Read Blocks")))


def _trigger(said: Mapping[str, Any]) -> Trigger:
    return Trigger(
        name=str(said.get("Trigger Name", "")),
        relation=_text(said, "Relation"),
        constraint=_text(said, "Constraint Name"),
        calls=int(_figure(said, "Calls")),
        ms=_optional(said, "Time"),
    )


def _text(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    return None if value is None else str(value)


def _optional(said: Mapping[str, Any], key: str) -> float | None:
    value = said.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _figure(raw: Mapping[str, Any], key: str) -> float:
    return _optional(raw, key) or 0.0


def _kilobytes(said: Mapping[str, Any], key: str) -> int | None:
    value = _optional(said, key)
    return None if value is None else int(value * 1024)
