"""What EXPLAIN's text format calls a node, from what its JSON says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbops.explain.plan.names import quoted

_AGGREGATES = {"Plain": "Aggregate", "Sorted": "GroupAggregate", "Hashed": "HashAggregate", "Mixed": "MixedAggregate"}
_JOINS = {"Hash Join": "Hash", "Merge Join": "Merge", "Nested Loop": "Nested Loop"}
_NAMES = ("Relation Name", "Function Name", "Table Function Name", "CTE Name", "Tuplestore Name")


def label(node: Mapping[str, Any], *, verbose: bool = False) -> str:
    """Return the node's line without costs: ``Parallel Index Scan Backward using i on t a``.

    With ``verbose`` a relation has its schema before it.
    """
    words = [_operation(node)]
    if node.get("Async Capable"):
        words.insert(0, "Async")
    if node.get("Parallel Aware"):
        words.insert(0, "Parallel")
    if node.get("Scan Direction") == "Backward":
        words.append("Backward")
    if node.get("Index Name"):
        words.append(("on " if node.get("Node Type") == "Bitmap Index Scan" else "using ") + quoted(node["Index Name"]))
    on = _on(node, verbose=verbose)
    return " ".join([*words, *([f"on {on}"] if on else [])])


def _operation(node: Mapping[str, Any]) -> str:
    kind = str(node.get("Node Type", ""))
    strategy = str(node.get("Strategy", ""))
    match kind:
        case "Aggregate":
            partial = str(node.get("Partial Mode", "Simple"))
            return ("" if partial == "Simple" else f"{partial} ") + _AGGREGATES.get(strategy, kind)
        case "SetOp":
            command = str(node.get("Command", ""))
            return f"{'HashSetOp' if strategy == 'Hashed' else 'SetOp'} {command}".strip()
        case "ModifyTable" | "Foreign Scan" if node.get("Operation") not in {None, "Select"}:
            return str(node["Operation"]) if kind == "ModifyTable" else f"Foreign {node['Operation']}"
        case "Custom Scan" if node.get("Custom Plan Provider"):
            return f"Custom Scan ({node['Custom Plan Provider']})"
    if kind in _JOINS:
        return _join(kind, str(node.get("Join Type", "Inner")))
    return kind


def _join(kind: str, join: str) -> str:
    first = _JOINS[kind]
    if join == "Inner":
        return kind
    return f"{first} {join} Join"


def _on(node: Mapping[str, Any], *, verbose: bool) -> str:
    named = next((str(node[key]) for key in _NAMES if node.get(key)), "")
    schema = f"{quoted(str(node['Schema']))}." if verbose and node.get("Schema") else ""
    alias = str(node.get("Alias") or "")
    if not named:
        return quoted(alias) if alias else ""
    shown = schema + quoted(named)
    return shown if alias in ("", named) else f"{shown} {quoted(alias)}"
