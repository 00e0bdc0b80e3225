"""The corpus as values, and what must be the same of a plan in both formats."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent / "corpus"
VERSIONS = (12, 13, 14, 15, 16, 17, 18)
# What the text format cannot tell: nothing that is counted or true is left out but these.
UNTOLD = frozenset({"Async Capable", "Disabled", "Inner Unique"})
ROUNDED = re.compile(r" \((?:cost=|actual |never executed).*")
ARROW = re.compile(r" *->  ")

Raw = dict[str, Any]


class Capture(NamedTuple):
    """A plan in both formats; unless it was only ``planned`` these are of two executions."""

    name: str
    text: str
    document: Raw

    @property
    def planned(self) -> bool:
        """Whether both formats must say the same, figures and all."""
        return "Actual Loops" not in self.document["Plan"]


@cache
def captures(version: int) -> tuple[Capture, ...]:
    texts = sections(FOLDER / f"{version}.txt")
    lines = gzip.decompress((FOLDER / f"{version}.jsonl.gz").read_bytes()).decode().splitlines()
    said = {line["name"]: line["document"][0] for line in map(json.loads, lines)}
    assert texts.keys() == said.keys()
    return tuple(Capture(name, text, said[name]) for name, text in texts.items())


def sections(path: Path) -> dict[str, str]:
    """Return the texts in a file of the corpus by their names."""
    parts = (part.partition("\n") for part in path.read_text(encoding="utf-8").split("### ")[1:])
    return {name: text for name, _, text in parts}


def nodes(raw: Raw) -> Iterator[Raw]:
    """Yield a raw node and those below it, as they are printed."""
    yield raw
    for child in raw.get("Plans", ()):
        yield from nodes(child)


def node_lines(text: str) -> list[str]:
    """Return what the text format calls the nodes, in their order."""
    first, *others = text.splitlines()
    lines = [first, *(line for line in others if ARROW.match(line))]
    return [ROUNDED.sub("", ARROW.sub("", line, count=1)).rstrip() for line in lines]


def told(raw: Raw) -> Raw:
    """Return a node without its children, as both formats can tell it: what is nothing is left out."""
    said = {key: value for key, value in raw.items() if key != "Plans" and value not in (0, False, [])}
    if said["Node Type"] == "Function Scan" and "Function Call" not in said:
        said.pop("Function Name", None)  # of several functions the text names the alias alone
    return {key: value for key, value in said.items() if key not in UNTOLD}


def differences(text: Raw, document: Raw) -> list[str]:
    """Return in what two documents of one planned query differ."""
    found = []
    for one, other in zip_longest(nodes(text["Plan"]), nodes(document["Plan"]), fillvalue={"Node Type": "none"}):
        mine, its = told(one), told(other)
        if its.get("Parent Relationship") == "Member" and mine.get("Parent Relationship") == "Outer":
            mine["Parent Relationship"] = "Member"  # until 13, of a write that reads one
        found += [
            f"{one['Node Type']}: {key}: {mine.get(key)!r} in text, {its.get(key)!r} in JSON"
            for key in mine.keys() | its.keys()
            if mine.get(key) != its.get(key)
        ]
    for key in (text.keys() | document.keys()) - {"Plan", "Planning Time", "Planning"}:
        if (text.get(key) or None) != (document.get(key) or None):
            found.append(f"{key}: {text.get(key)!r} in text, {document.get(key)!r} in JSON")
    return found
