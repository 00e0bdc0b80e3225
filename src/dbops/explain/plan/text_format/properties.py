"""A line below a node in EXPLAIN's text format: ``Filter: (a > 3)``."""

from __future__ import annotations

import re
from typing import Any

from dbops.explain.plan.lines import Line
from dbops.explain.plan.names import TARGET, plain
from dbops.explain.plan.text_format.expressions import balanced, listed
from dbops.explain.plan.text_format.figures import figures, known
from dbops.explain.plan.text_format.numbers import NUMBER, number
from dbops.explain.plan.unreadable import AGAIN

_PROPERTY = re.compile(r"(?P<key>[A-Za-z][^:\n]{0,60}):(?: +(?P<value>.*))?", re.DOTALL)
_COUNTED = re.compile(rf"(?P<value>{NUMBER})(?: [A-Za-z]{{1,3}})?")
_WRITTEN = re.compile(r"(?:Foreign )?(?:Insert|Update|Delete|Merge) on (?P<target>.+)", re.DOTALL)
_LISTS = frozenset({"Output", "Sort Key", "Presorted Key", "Group Key", "Conflict Arbiter Indexes", "Params Evaluated"})
_BOOLEANS = frozenset({"Inner Unique", "Single Copy", "Disabled"})
_EXPRESSIONS = frozenset({
    "Filter", "Join Filter", "One-Time Filter", "Conflict Filter", "Index Cond", "Recheck Cond", "Hash Cond",
    "Merge Cond", "TID Cond", "Order By", "Run Condition", "Window", "Cache Key", "Function Call",
    "Table Function Call",
})  # fmt: skip
_NUMBERS = frozenset({
    "Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck",
    "Rows Removed by Conflict Filter", "Heap Fetches", "Index Searches", "Workers Planned", "Workers Launched",
    "Subplans Removed", "Tuples Inserted", "Conflicting Tuples",
})  # fmt: skip
_BROKEN = "the line is cut off, or was broken by a program it was copied through"


def split(line: Line) -> tuple[str, str]:
    """Return a line's name and value. Raises PlanUnreadable where it has none."""
    match = _PROPERTY.fullmatch(line.text.rstrip(" "))
    if match is None:
        raise line.unreadable("this is no line of a plan", AGAIN)
    return match["key"], match["value"] or ""


def is_node_property(key: str) -> bool:
    """Whether a line of that name stands below a node, and nowhere else."""
    return key in _LISTS | _EXPRESSIONS | _NUMBERS | _BOOLEANS or (known(key) and key != "Serialization")


def values(line: Line) -> dict[str, Any]:
    """Return what a line says, by JSON's names. Raises PlanUnreadable where it is not whole."""
    key, value = split(line)
    at = line.text.find(value, len(key)) if value else len(key)
    if known(key):
        said = figures(key, value)
        if said is None:
            raise line.unreadable(f"the figures of {key} are damaged: {_BROKEN}", AGAIN, at)
        return said
    if not value or (key in _LISTS | _EXPRESSIONS and not balanced(value)):
        raise line.unreadable(f"{key} is not whole: {_BROKEN}", AGAIN, at)
    if key in _LISTS:
        return {key: listed(value)}
    return {key: _value(line, key, value, at)}


def grouping(node: dict[str, Any], key: str, value: str) -> None:
    """Put a key of GROUP BY into a node that has, or turns out to have, several sets of them."""
    keys = [] if value == "()" else listed(value)
    sets: list[dict[str, Any]] = node.setdefault("Grouping Sets", [])
    if "Group Key" in node:
        sets.append({"Group Keys": [node.pop("Group Key")]})
    if key == "Sort Key":
        sets.append({"Sort Key": keys, "Group Keys": []})
    elif key == "Group Key" and sets and "Group Keys" in sets[-1]:
        sets[-1]["Group Keys"].append(keys)
    else:
        sets.append({f"{key}s": [keys]})


def is_grouping(node: dict[str, Any], key: str, value: str) -> bool:
    """Whether a line is one of several keys of GROUP BY."""
    if node.get("Node Type") != "Aggregate":
        return False
    several = "Grouping Sets" in node or "Group Key" in node or value == "()"
    return key in {"Hash Key", "Sort Key"} or (key == "Group Key" and several)


def written(line: Line) -> dict[str, Any] | None:
    """Return the table that a line ``Update on t_1 a`` below a node names; None where it is no such line."""
    match = _WRITTEN.fullmatch(line.text.rstrip())
    target = TARGET.fullmatch(match["target"]) if match else None
    if target is None:
        return None
    said = {"Relation Name": plain(target["name"]), "Alias": plain(target["alias"] or target["name"])}
    return said | ({"Schema": plain(target["schema"])} if target["schema"] else {})


def _value(line: Line, key: str, value: str, at: int) -> Any:
    counted = _COUNTED.fullmatch(value)
    if key in _BOOLEANS and value in {"true", "false"}:
        return value == "true"
    if key in _BOOLEANS | _NUMBERS and counted is None:
        expected = "true or false" if key in _BOOLEANS else "a number"
        raise line.unreadable(f"{key} is {value[:40]!r}, not {expected}", AGAIN, at)
    if counted is not None and key not in _EXPRESSIONS:
        return number(counted["value"])
    return value
