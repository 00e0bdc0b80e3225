"""A line below a node in EXPLAIN's text format: ``Filter: (a > 3)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from dbops.explain.plan.lines import Line
from dbops.explain.plan.names import TARGET, plain
from dbops.explain.plan.text_format.expressions import balanced, listed
from dbops.explain.plan.text_format.figures import figures, known
from dbops.explain.plan.text_format.numbers import NUMBER, number
from dbops.explain.plan.unreadable import AGAIN, PlanUnreadable

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
# JSON's names for what the text format draws or puts into other lines: none of its own lines has such a name.
_NEVER = frozenset({
    "Plan", "Plans", "Workers", "Worker Number", "Target Tables", "Grouping Sets", "Triggers", "Node Type",
    "Actual Loops",
})  # fmt: skip
_BLOCKS = frozenset({"Planning", "JIT"})
_BROKEN = "the line is cut off, or was broken by a program it was copied through"


class Property(NamedTuple):
    """A line's name and value."""

    line: Line
    key: str
    value: str

    def unreadable(self, message: str) -> PlanUnreadable:
        """Return the error about the value."""
        return self.line.unreadable(message, AGAIN, self.line.text.find(self.value, len(self.key)))


def split(line: Line) -> Property:
    """Return a line's name and value. Raises PlanUnreadable where it has none."""
    match = _PROPERTY.fullmatch(line.text.rstrip(" "))
    if match is None or match["key"] in _NEVER or (match["key"] in _BLOCKS and match["value"]):
        raise line.unreadable("this is no line of a plan", AGAIN)
    return Property(line, match["key"], match["value"] or "")


def is_node_property(key: str) -> bool:
    """Whether a line of that name stands below a node, and nowhere else."""
    return key in _LISTS | _EXPRESSIONS | _NUMBERS | _BOOLEANS or (known(key) and key != "Serialization")


def values(said: Property) -> dict[str, Any]:
    """Return what a line says, by JSON's names. Raises PlanUnreadable where it is not whole."""
    key, value = said.key, said.value
    if known(key):
        read = figures(key, value)
        if read is None:
            raise said.unreadable(f"the figures of {key} are damaged: {_BROKEN}")
        return read
    if key in _LISTS:
        return {key: _list(said)}
    if not value or (key in _EXPRESSIONS and not balanced(value)):
        raise said.unreadable(f"{key} is not whole: {_BROKEN}")
    return {key: value if key in _EXPRESSIONS else _value(said)}


def is_grouping(node: Mapping[str, Any], said: Property) -> bool:
    """Whether a line is one of several keys of GROUP BY."""
    if node.get("Node Type") != "Aggregate":
        return False
    several = "Grouping Sets" in node or "Group Key" in node or said.value == "()"
    return said.key in {"Hash Key", "Sort Key"} or (said.key == "Group Key" and several)


def grouping(node: dict[str, Any], said: Property) -> None:
    """Put a key of GROUP BY into a node that has, or turns out to have, several sets of them."""
    keys = [] if said.value == "()" else _list(said)
    sets: list[dict[str, Any]] = node.setdefault("Grouping Sets", [])
    if "Group Key" in node:
        sets.append({"Group Keys": [node.pop("Group Key")]})
    if said.key == "Sort Key":
        sets.append({"Sort Key": keys, "Group Keys": []})
    elif said.key == "Group Key" and sets and "Group Keys" in sets[-1]:
        sets[-1]["Group Keys"].append(keys)
    else:
        sets.append({f"{said.key}s": [keys]})


def written(line: Line) -> dict[str, Any] | None:
    """Return the table that a line ``Update on t_1 a`` below a node names; None where it is no such line."""
    match = _WRITTEN.fullmatch(line.text.rstrip()) if " on " in line.text else None
    target = TARGET.fullmatch(match["target"]) if match else None
    if target is None:
        return None
    said = {"Relation Name": plain(target["name"]), "Alias": plain(target["alias"] or target["name"])}
    return said | ({"Schema": plain(target["schema"])} if target["schema"] else {})


def _list(said: Property) -> list[str]:
    if not said.value or not balanced(said.value):
        raise said.unreadable(f"{said.key} is not whole: {_BROKEN}")
    return listed(said.value)


def _value(said: Property) -> Any:
    counted = _COUNTED.fullmatch(said.value)
    if said.key in _BOOLEANS and said.value in {"true", "false"}:
        return said.value == "true"
    if said.key in _BOOLEANS | _NUMBERS and counted is None:
        expected = "true or false" if said.key in _BOOLEANS else "a number"
        raise said.unreadable(f"{said.key} is {said.value[:40]!r}, not {expected}")
    return said.value if counted is None else number(counted["value"])
