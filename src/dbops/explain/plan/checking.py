"""Whether a document is a plan: every part that is read later has the kind that EXPLAIN's JSON gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dbops.explain.plan.attributes import BLOCKS, IO_TIMES
from dbops.explain.plan.limits import DEEP, DEEPEST, LARGEST

_NUMBERS = frozenset({
    *(key for keys in (*BLOCKS.values(), *IO_TIMES.values()) for key in keys),
    "Startup Cost", "Total Cost", "Plan Rows", "Plan Width",
    "Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops",
    "Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck",
    "Workers Planned", "Workers Launched", "Heap Fetches", "Index Searches", "Subplans Removed",
    "Exact Heap Blocks", "Lossy Heap Blocks", "Hash Batches", "Original Hash Batches", "HashAgg Batches",
    "Hash Buckets", "Original Hash Buckets", "Peak Memory Usage", "Disk Usage", "Sort Space Used",
    "Cache Hits", "Cache Misses", "Cache Evictions", "Cache Overflows", "WAL Records", "WAL FPI", "WAL Bytes",
    "Planning Time", "Execution Time", "Memory Used", "Memory Allocated", "Functions", "Total", "Calls", "Time",
    "Output Volume",
})  # fmt: skip
_TEXTS = frozenset({
    "Node Type", "Parent Relationship", "Subplan Name", "Strategy", "Partial Mode", "Operation", "Command", "Join Type",
    "Relation Name", "Schema", "Alias", "Index Name", "Function Name", "Table Function Name", "CTE Name",
    "Tuplestore Name", "Custom Plan Provider", "Scan Direction", "Sort Method", "Sort Space Type", "Query Text",
    "Trigger Name", "Relation", "Constraint Name",
    "Filter", "Index Cond", "Recheck Cond", "Join Filter", "Hash Cond", "Merge Cond",
})  # fmt: skip
_PARTS = ("Planning", "JIT", "Serialization", "Settings")
Path = tuple[str | int, ...]


class Flaw(NamedTuple):
    """What is wrong, and where in the document."""

    path: Path
    message: str


def flaw(document: Mapping[str, Any]) -> Flaw | None:
    """Return the first thing that keeps a document from being a plan, None where there is nothing."""
    return next(_flaws(document), None)


def _flaws(document: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from _values(document, ())
    for name in _PARTS:
        part = document.get(name, {})
        yield from _values(part, (name,)) if isinstance(part, dict) else (_not((name,), part, "an object"),)
    yield from _timing(document.get("JIT"))
    yield from _list(document, "Triggers", ())
    nodes: list[tuple[Any, Path, int]] = [(document["Plan"], ("Plan",), 1)]
    while nodes:
        node, path, depth = nodes.pop()
        yield from _node(node, path, depth)
        nodes += [(child, (*path, "Plans", n), depth + 1) for n, child in enumerate(node.get("Plans", ()))][::-1]


def _node(node: Any, path: Path, depth: int) -> Iterator[Flaw]:
    if not isinstance(node, dict):
        yield _not(path, node, "an object")
    elif depth > DEEPEST:
        yield Flaw(path, DEEP)
    elif not node.get("Node Type"):
        yield Flaw(path, 'this node has no "Node Type"')
    else:
        yield from _values(node, path)
        yield from _list(node, "Workers", path)
        if not isinstance(node.get("Plans", []), list):
            yield _not((*path, "Plans"), node["Plans"], "a list")


def _list(holder: Mapping[str, Any], key: str, path: Path) -> Iterator[Flaw]:
    """Yield what is wrong with a list of objects."""
    members = holder.get(key, [])
    if not isinstance(members, list):
        yield _not((*path, key), members, "a list")
        return
    for number, member in enumerate(members):
        here = (*path, key, number)
        yield from _values(member, here) if isinstance(member, dict) else (_not(here, member, "an object"),)


def _timing(jit: Any) -> Iterator[Flaw]:
    timing = jit.get("Timing", {}) if isinstance(jit, dict) else {}
    here = ("JIT", "Timing")
    yield from _values(timing, here) if isinstance(timing, dict) else (_not(here, timing, "an object"),)


def _values(holder: Mapping[str, Any], path: Path) -> Iterator[Flaw]:
    for key, value in holder.items():
        if key in _NUMBERS:
            if type(value) not in {int, float}:
                yield _not((*path, key), value, "a number")
            elif not 0 <= value < LARGEST:
                yield _not((*path, key), value, "a number of EXPLAIN's")
        elif key in _TEXTS and not isinstance(value, str):
            yield _not((*path, key), value, "a text")
        elif isinstance(value, str) and ("\0" in value or not _sound(value)):
            yield _not((*path, key), value, "text that PostgreSQL can hold")


def _sound(text: str) -> bool:
    """Whether all characters are whole: JSON's escapes can write halves."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _not(path: Path, value: Any, wanted: str) -> Flaw:
    name = next((f'"{step}"' for step in reversed(path) if isinstance(step, str)), "this")
    shown = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
    return Flaw(path, f"{name} is {shown if len(shown) < 40 else shown[:36] + '…'}, not {wanted}")
