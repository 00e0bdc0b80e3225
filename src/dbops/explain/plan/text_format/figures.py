"""Lines of EXPLAIN's text format that hold several figures, each kind with its own grammar."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dbops.explain.plan.text_format.expressions import listed
from dbops.explain.plan.text_format.numbers import NUMBER, is_number, number

_HASHED = (
    rf"Batches: (?P<batches>{NUMBER})  Memory Usage: (?P<memory>{NUMBER})kB(?:  Disk Usage: (?P<disk>{NUMBER})kB)?"
)
_SHAPES = {
    "Sort Method": (
        rf"(?P<method>.+?)  (?P<type>Memory|Disk): (?P<used>{NUMBER})kB",
        {"method": "Sort Method", "used": "Sort Space Used", "type": "Sort Space Type"},
    ),
    "Buckets": (
        rf"(?P<buckets>{NUMBER})(?: \(originally (?P<planned>{NUMBER})\))?"
        rf"  Batches: (?P<batches>{NUMBER})(?: \(originally (?P<planned_batches>{NUMBER})\))?"
        rf"  Memory Usage: (?P<memory>{NUMBER})kB",
        {
            "buckets": "Hash Buckets",
            "planned": "Original Hash Buckets",
            "batches": "Hash Batches",
            "planned_batches": "Original Hash Batches",
            "memory": "Peak Memory Usage",
        },
    ),
    "Planned Partitions": (
        rf"(?P<planned>{NUMBER})(?:  {_HASHED})?",
        {
            "planned": "Planned Partitions",
            "batches": "HashAgg Batches",
            "memory": "Peak Memory Usage",
            "disk": "Disk Usage",
        },
    ),
    "Batches": (
        _HASHED.removeprefix("Batches: "),
        {"batches": "HashAgg Batches", "memory": "Peak Memory Usage", "disk": "Disk Usage"},
    ),
    "Hits": (
        rf"(?P<hits>{NUMBER})  Misses: (?P<misses>{NUMBER})  Evictions: (?P<evictions>{NUMBER})"
        rf"  Overflows: (?P<overflows>{NUMBER})  Memory Usage: (?P<memory>{NUMBER})kB",
        {
            "hits": "Cache Hits",
            "misses": "Cache Misses",
            "evictions": "Cache Evictions",
            "overflows": "Cache Overflows",
            "memory": "Peak Memory Usage",
        },
    ),
    "Heap Blocks": (
        rf"(?:exact=(?P<exact>{NUMBER}))?(?: ?lossy=(?P<lossy>{NUMBER}))?",
        {"exact": "Exact Heap Blocks", "lossy": "Lossy Heap Blocks"},
    ),
    "Storage": (
        rf"(?P<storage>\w+)  Maximum Storage: (?P<most>{NUMBER})kB",
        {"storage": "Storage", "most": "Maximum Storage"},
    ),
    "WAL": (
        rf"(?:records=(?P<records>{NUMBER}))?(?: ?fpi=(?P<images>{NUMBER}))?"
        rf"(?: ?bytes=(?P<bytes>{NUMBER}))?(?: ?buffers full=(?P<full>{NUMBER}))?",
        {"records": "WAL Records", "images": "WAL FPI", "bytes": "WAL Bytes", "full": "WAL Buffers Full"},
    ),
    "Tuples": (
        rf"(?:inserted=(?P<inserted>{NUMBER}))?(?: ?updated=(?P<updated>{NUMBER}))?"
        rf"(?: ?deleted=(?P<deleted>{NUMBER}))?(?: ?skipped=(?P<skipped>{NUMBER}))?",
        {
            "inserted": "Tuples Inserted",
            "updated": "Tuples Updated",
            "deleted": "Tuples Deleted",
            "skipped": "Tuples Skipped",
        },
    ),
    "Memory": (
        rf"used=(?P<used>{NUMBER})kB  allocated=(?P<allocated>{NUMBER})kB",
        {"used": "Memory Used", "allocated": "Memory Allocated"},
    ),
    "Serialization": (
        rf"(?:time=(?P<time>{NUMBER}) ms  )?output=(?P<output>{NUMBER})kB  format=(?P<format>\w+)",
        {"time": "Time", "output": "Output Volume", "format": "Format"},
    ),
}
_PATTERNS = {key: re.compile(pattern) for key, (pattern, _) in _SHAPES.items()}
_SAME = (("Hash Buckets", "Original Hash Buckets"), ("Hash Batches", "Original Hash Batches"))
_BUFFERS = re.compile(rf"(?P<scope>shared|local|temp)(?P<counts>(?: [a-z]+={NUMBER})+)")
_TIMINGS = re.compile(rf"(?:(?P<scope>shared/local|shared|local|temp) )?(?P<times>(?:(?:^| )?[a-z]+={NUMBER})+)")
_PAIR = re.compile(rf"(?P<name>[a-z]+)=(?P<value>{NUMBER})")
_GROUPS = re.compile(
    rf"(?P<count>{NUMBER})  Sort Methods?: (?P<methods>[^:]+?)(?P<spaces>(?:  Average (?:Memory|Disk): .*)?)"
)
_SPACE = re.compile(
    rf"  Average (?P<type>Memory|Disk): (?P<average>{NUMBER})kB  Peak (?:Memory|Disk): (?P<peak>{NUMBER})kB"
)
_SAMPLING = re.compile(r"(?P<method>[^ (]+) \((?P<parameters>.*?)\)(?: REPEATABLE \((?P<seed>.*)\))?", re.DOTALL)


def known(key: str) -> bool:
    """Whether a line of that name holds figures with a grammar of their own."""
    return key in _PATTERNS or key in _OTHERS


def figures(key: str, text: str) -> dict[str, Any] | None:
    """Return what a line says, by JSON's names; None where it is not whole."""
    if key in _OTHERS:
        return _OTHERS[key](text)
    match = _PATTERNS[key].fullmatch(text)
    if match is None or not match[0]:
        return None
    said = {
        name: number(match[group]) if is_number(match[group]) else match[group]
        for group, name in _SHAPES[key][1].items()
        if match[group] is not None
    }
    for now, planned in _SAME:
        if now in said:
            said.setdefault(planned, said[now])
    return said


def _buffers(text: str) -> dict[str, Any] | None:
    said: dict[str, Any] = {}
    for part in text.split(", "):
        match = _BUFFERS.fullmatch(part)
        if match is None:
            return None
        for pair in _PAIR.finditer(match["counts"]):
            said[f"{match['scope'].title()} {pair['name'].title()} Blocks"] = number(pair["value"])
    return said


def _timings(text: str) -> dict[str, Any] | None:
    """Read I/O times: until 16 JSON has one name for shared and local blocks."""
    said: dict[str, Any] = {}
    for part in text.split(", "):
        match = _TIMINGS.fullmatch(part)
        if match is None:
            return None
        scope = "" if match["scope"] in {None, "shared/local"} else f"{match['scope'].title()} "
        for pair in _PAIR.finditer(match["times"]):
            said[f"{scope}I/O {pair['name'].title()} Time"] = number(pair["value"])
    return said


def _groups(text: str) -> dict[str, Any] | None:
    """Read what an incremental sort says of its groups; only the last level has no name of its own."""
    match = _GROUPS.fullmatch(text)
    if match is None:
        return None
    said: dict[str, Any] = {"Group Count": number(match["count"]), "Sort Methods Used": match["methods"].split(", ")}
    spaces = list(_SPACE.finditer(match["spaces"]))
    for space in spaces:
        said[f"Sort Space {space['type']}"] = {
            "Average Sort Space Used": number(space["average"]),
            "Peak Sort Space Used": number(space["peak"]),
        }
    return said if "".join(space[0] for space in spaces) == match["spaces"] else None


def _sampling(text: str) -> dict[str, Any] | None:
    match = _SAMPLING.fullmatch(text)
    if match is None:
        return None
    said: dict[str, Any] = {"Sampling Method": match["method"], "Sampling Parameters": listed(match["parameters"])}
    return said | ({"Repeatable Seed": match["seed"]} if match["seed"] is not None else {})


def _full_sort(text: str) -> dict[str, Any] | None:
    said = _groups(text)
    return None if said is None else {"Full-sort Groups": said}


def _pre_sorted(text: str) -> dict[str, Any] | None:
    said = _groups(text)
    return None if said is None else {"Pre-sorted Groups": said}


_OTHERS: dict[str, Callable[[str], dict[str, Any] | None]] = {
    "Buffers": _buffers,
    "I/O Timings": _timings,
    "Full-sort Groups": _full_sort,
    "Pre-sorted Groups": _pre_sorted,
    "Sampling": _sampling,
}
