"""A node's line in EXPLAIN's text format: what it is called, its costs and what happened."""

from __future__ import annotations

import re
from typing import Any

from dbops.explain.plan.lines import Line
from dbops.explain.plan.names import NAME, TARGET, plain
from dbops.explain.plan.text_format.numbers import NUMBER, number
from dbops.explain.plan.unreadable import AGAIN

KINDS = frozenset({
    "Result", "ProjectSet", "ModifyTable", "Append", "Merge Append", "Recursive Union", "BitmapAnd", "BitmapOr",
    "Nested Loop", "Merge Join", "Hash Join", "Seq Scan", "Sample Scan", "Gather", "Gather Merge", "Index Scan",
    "Index Only Scan", "Bitmap Index Scan", "Bitmap Heap Scan", "Tid Scan", "Tid Range Scan", "Subquery Scan",
    "Function Scan", "Table Function Scan", "Values Scan", "CTE Scan", "Named Tuplestore Scan", "WorkTable Scan",
    "Foreign Scan", "Custom Scan", "Materialize", "Memoize", "Sort", "Incremental Sort", "Group", "Aggregate",
    "WindowAgg", "Unique", "SetOp", "LockRows", "Limit", "Hash",
})  # fmt: skip
"""PostgreSQL's node types."""

_COST = rf"\(cost=(?P<startup>{NUMBER})\.\.(?P<total>{NUMBER}) rows=(?P<rows>{NUMBER}) width=(?P<width>\d{{1,12}})\)"
ACTUAL = (
    rf"actual (?:time=(?P<first>{NUMBER})\.\.(?P<last>{NUMBER}) )?"
    rf"rows=(?P<actual>{NUMBER}) loops=(?P<loops>{NUMBER})"
)
_FIGURES = re.compile(rf"(?:{_COST})?(?: ?\((?:{ACTUAL}|(?P<never>never executed))\))?")
_ACTUAL = re.compile(ACTUAL)
_BEGIN = re.compile(r" {1,2}\((?:cost=|actual |never executed\))")
_WORDS = re.compile(rf"(?P<words>.*?)(?: using (?P<index>{NAME.pattern}))?(?: on (?P<target>.*))?", re.DOTALL)
_AGGREGATE = re.compile(
    r"(?:(?P<mode>Partial|Finalize) )?(?P<kind>Aggregate|GroupAggregate|HashAggregate|MixedAggregate)"
)
_AGGREGATES = {"Aggregate": "Plain", "GroupAggregate": "Sorted", "HashAggregate": "Hashed", "MixedAggregate": "Mixed"}
_JOIN = re.compile(
    r"(?P<kind>Nested Loop|Hash|Merge)(?: (?P<type>Left|Right|Full|Semi|Anti|Right Semi|Right Anti))? Join"
)
_JOINS = {"Nested Loop": "Nested Loop", "Hash": "Hash Join", "Merge": "Merge Join"}
_SET = re.compile(r"(?P<kind>SetOp|HashSetOp) (?P<command>(?:Intersect|Except)(?: All)?)")
_WRITE = re.compile(r"(?P<foreign>Foreign )?(?P<operation>Insert|Update|Delete|Merge)")
_CUSTOM = re.compile(r"Custom Scan \((?P<provider>.+)\)")
_IMPLIED = {"Nested Loop": {"Join Type": "Inner"}, "Foreign Scan": {"Operation": "Select"}}
_NAMED = {
    "Function Scan": "Function Name",
    "Table Function Scan": "Table Function Name",
    "CTE Scan": "CTE Name",
    "WorkTable Scan": "CTE Name",
    "Named Tuplestore Scan": "Tuplestore Name",
}
_ALIAS_ALONE = frozenset({"Values Scan", "Subquery Scan"})


def is_node(text: str) -> bool:
    """Whether a line has a node's figures."""
    return _BEGIN.search(text) is not None


def node(line: Line) -> dict[str, Any]:
    """Return what a node's line says, as JSON has it. Raises PlanUnreadable where it is not whole."""
    text = line.text.rstrip()
    begin = _BEGIN.search(text)
    end = begin.start() if begin else len(text)
    raw = _operation(line, text[:end])
    if begin is not None:
        start = end + len(begin[0]) - len(begin[0].lstrip())
        figures = _FIGURES.fullmatch(text, start)
        if figures is None:
            raise line.unreadable("the figures of this node are damaged, or its line is cut off", AGAIN, start)
        raw |= _estimate(figures) | _happened(figures)
    return raw


def happened(text: str) -> dict[str, Any] | None:
    """Return what ``actual time=… rows=… loops=…`` says, None when it is anything else."""
    match = _ACTUAL.fullmatch(text)
    return None if match is None else _actual(match)


def _estimate(figures: re.Match[str]) -> dict[str, Any]:
    if figures["total"] is None:
        return {}
    return {
        "Startup Cost": number(figures["startup"]),
        "Total Cost": number(figures["total"]),
        "Plan Rows": number(figures["rows"]),
        "Plan Width": number(figures["width"]),
    }


def _happened(figures: re.Match[str]) -> dict[str, Any]:
    if figures["never"]:
        return {"Actual Rows": 0, "Actual Loops": 0}
    return {} if figures["loops"] is None else _actual(figures)


def _actual(figures: re.Match[str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if figures["last"] is not None:
        said = {"Actual Startup Time": number(figures["first"]), "Actual Total Time": number(figures["last"])}
    return said | {"Actual Rows": number(figures["actual"]), "Actual Loops": number(figures["loops"])}


def _operation(line: Line, text: str) -> dict[str, Any]:
    """Return what the words before the figures say: the operation, its index and what it works on."""
    raw: dict[str, Any] = {"Node Type": "", "Parallel Aware": False}
    words = text
    if words.startswith("Parallel "):
        words, raw["Parallel Aware"] = words.removeprefix("Parallel "), True
    if words.startswith("Async "):
        words, raw["Async Capable"] = words.removeprefix("Async "), True
    match = _WORDS.fullmatch(words)
    assert match is not None
    raw |= _kind(match["words"].removesuffix(" Backward"))
    if match["index"]:
        backward = match["words"].endswith(" Backward")
        raw |= {"Scan Direction": "Backward" if backward else "Forward", "Index Name": plain(match["index"])}
    if match["target"] is not None:
        raw |= _target(line, raw["Node Type"], match["target"], len(text) - len(match["target"]))
    return raw


def _kind(words: str) -> dict[str, Any]:
    """Return the node's type, and what the text format puts into its name."""
    if match := _AGGREGATE.fullmatch(words):
        strategy = _AGGREGATES[match["kind"]]
        return {"Node Type": "Aggregate", "Strategy": strategy, "Partial Mode": match["mode"] or "Simple"}
    if match := _JOIN.fullmatch(words):
        return {"Node Type": _JOINS[match["kind"]], "Join Type": match["type"] or "Inner"}
    if match := _SET.fullmatch(words):
        strategy = "Hashed" if match["kind"] == "HashSetOp" else "Sorted"
        return {"Node Type": "SetOp", "Strategy": strategy, "Command": match["command"]}
    if match := _WRITE.fullmatch(words):
        return {"Node Type": "Foreign Scan" if match["foreign"] else "ModifyTable", "Operation": match["operation"]}
    if match := _CUSTOM.fullmatch(words):
        return {"Node Type": "Custom Scan", "Custom Plan Provider": match["provider"]}
    return {"Node Type": words, **_IMPLIED.get(words, {})}


def _target(line: Line, kind: str, target: str, at: int) -> dict[str, Any]:
    """Return what stands behind ``on``: an index, or a relation with its schema and alias."""
    if kind == "Bitmap Index Scan":
        return {"Index Name": plain(target)}
    match = TARGET.fullmatch(target)
    if match is None:
        raise line.unreadable("this is no name of a table: the line is damaged or cut off", AGAIN, at)
    name = plain(match["name"])
    if kind in _ALIAS_ALONE:
        return {"Alias": name}
    said = {_NAMED.get(kind, "Relation Name"): name, "Alias": plain(match["alias"] or match["name"])}
    return said | ({"Schema": plain(match["schema"])} if match["schema"] else {})
