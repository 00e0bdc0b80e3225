"""What a node says beside its figures: its conditions, what they removed, where it sorted, hashed and fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dbops.output import figures
from dbops.results.plan import PlanNode

# In the order of EXPLAIN's text format; beside each what counts the rows it removed.
_EXPRESSIONS = {
    "Sort Key": None,
    "Presorted Key": None,
    "Group Key": None,
    "Hash Key": None,
    "Index Cond": "Rows Removed by Index Recheck",
    "Recheck Cond": "Rows Removed by Index Recheck",
    "Order By": None,
    "TID Cond": None,
    "Hash Cond": None,
    "Merge Cond": None,
    "Join Filter": "Rows Removed by Join Filter",
    "One-Time Filter": None,
    "Filter": "Rows Removed by Filter",
    "Run Condition": None,
    "Cache Key": None,
    "Conflict Filter": "Rows Removed by Conflict Filter",
    "Function Call": None,
    "Remote SQL": None,
}
_COUNTS = ("Heap Fetches", "Lossy Heap Blocks", "Subplans Removed")
SAID = frozenset({*_EXPRESSIONS, *filter(None, _EXPRESSIONS.values()), *_COUNTS})
"""PostgreSQL's names of what the remarks say in full."""


class Remark(NamedTuple):
    """Something a node says, and its name."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


def remarks(node: PlanNode) -> Iterator[Remark]:
    """Yield what a node says; counts are over all loops."""
    for name, counter in _EXPRESSIONS.items():
        if name in node.raw:
            removed = node.total(counter) if counter else 0
            yield Remark(name + (f" (removed {figures.count(removed)})" if removed else ""), node.text(name))
    for name, text in (
        ("Sort", _sort(node)),
        ("Hash", _hash(node)),
        ("Cache", _cache(node)),
        ("Workers", _staff(node)),
    ):
        if text:
            yield Remark(name, text)
    for name in _COUNTS:
        if node.number(name):
            yield Remark(name, figures.count(node.number(name)))
    if node.raw.get("Disabled") is True:
        yield Remark("Disabled", "by a setting (enable_…), yet nothing else was possible")


def _sort(node: PlanNode) -> str:
    """Return how it sorted, in the process that needed the most space."""
    workers = [each for each in node.raw.get("Workers", ()) if isinstance(each, Mapping)]
    sorts = [each for each in (node.raw, *workers) if "Sort Method" in each]
    if not sorts:
        return ""
    most = max(sorts, key=_sort_space)
    where = "on disk" if most.get("Sort Space Type") == "Disk" else "in memory"
    processes = f", in {len(sorts)} processes" if len(sorts) > 1 else ""
    return f"{most['Sort Method']}, {figures.size(_sort_space(most) * 1024)} {where}{processes}"


def _sort_space(said: Mapping[str, Any]) -> float:
    space = said.get("Sort Space Used", 0)
    return float(space) if isinstance(space, int | float) else 0.0


def _hash(node: PlanNode) -> str:
    """Return in how many batches it hashed; nothing for the one of a hash that fits into memory."""
    batches = node.number("Hash Batches") or node.number("HashAgg Batches")
    if batches <= 1:
        return ""
    parts = [f"{batches:,.0f} batches"]
    expected = node.number("Original Hash Batches")
    if expected and expected != batches:
        parts[0] += f" (planned {expected:.0f})"
    if node.number("Peak Memory Usage"):
        parts.append(f"{figures.size(node.number('Peak Memory Usage') * 1024)} in memory")
    if node.number("Disk Usage"):
        parts.append(f"{figures.size(node.number('Disk Usage') * 1024)} on disk")
    return ", ".join(parts)


def _cache(node: PlanNode) -> str:
    if "Cache Hits" not in node.raw:
        return ""
    said = {"hits": "Cache Hits", "misses": "Cache Misses", "evictions": "Cache Evictions"}
    return ", ".join(f"{figures.count(node.number(key))} {what}" for what, key in said.items())


def _staff(node: PlanNode) -> str:
    planned = node.number("Workers Planned")
    if not planned:
        return ""
    return f"{node.number('Workers Launched'):.0f} of {planned:.0f} started" if node.ran else f"{planned:.0f} planned"
