"""What the scans of tables read and threw away; those of a table's partitions are one scan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dbops.explain.findings import names
from dbops.explain.findings.finding import Subject
from dbops.explain.findings.trees import feeding, rows
from dbops.results.plan import PlanNode

_PARTITION = re.compile(r"(.+)_\d+")
_APPENDS = frozenset({"Append", "MergeAppend"})
_MANY = 10
_EMPTY = 0.8


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan of a table, or of those of its partitions that are scanned in the same way.

    ``place`` is where it is told: the scan itself, or the Append above the partitions'.
    """

    place: PlanNode
    parts: tuple[PlanNode, ...]

    @property
    def first(self) -> PlanNode:
        """The scan, or the partition's that took the longest."""
        return max(self.parts, key=lambda part: (part.own_ms, rows(part)))

    @property
    def rows(self) -> float:
        """The rows it gave."""
        return sum(map(rows, self.parts))

    @property
    def removed(self) -> float:
        """The rows that its filter threw away."""
        return sum(part.total("Rows Removed by Filter") for part in self.parts)

    @property
    def touched(self) -> float:
        """Blocks that it looked at by itself; 0 where they were not counted."""
        return float(sum(part.own_buffers.touched for part in self.parts if part.own_buffers))

    @property
    def nodes(self) -> tuple[PlanNode, ...]:
        """All nodes that work for it."""
        return tuple(node for part in self.parts for node in feeding(part))

    @property
    def table(self) -> str:
        """The table's name for a sentence: of partitions how many there are, and one of them."""
        if len(self.parts) == 1:
            return names.table(self.first)
        return f"{len(self.parts)} partitions such as {names.table(self.first)}"


def scans(subject: Subject, *kinds: str) -> Iterator[Scan]:
    """Yield the scans of these kinds that were not left out when the query ran."""
    grouped: set[int] = set()
    for append in subject.plan.nodes():
        parts = tuple(part for part in partitions(append) if part.kind in kinds and not _left_out(part))
        if len(parts) > 1:
            grouped |= {part.id for part in parts}
            yield Scan(append, parts)
    for node in subject.plan.nodes():
        if node.kind in kinds and node.relation and node.id not in grouped and not _left_out(node):
            yield Scan(node, (node,))


def partitions(append: PlanNode) -> tuple[PlanNode, ...]:
    """Return an Append's scans of partitions: of different tables, with numbers behind the same alias (since 13)."""
    if append.kind not in _APPENDS:
        return ()
    parts = [child for child in append.inputs if child.relation and child.alias]
    matches = [_PARTITION.fullmatch(str(part.alias)) for part in parts]
    stems = {match[1] if match else None for match in matches}
    if len(parts) < 2 or len(stems) != 1 or None in stems or len({part.relation for part in parts}) < len(parts):
        return ()
    return tuple(parts)


def unpruned(append: PlanNode) -> tuple[PlanNode, ...]:
    """Return the partitions that were scanned for no row, where they are most of many; none where they are not.

    Ten partitions at least, and four of five: dbops's own thresholds.
    """
    scanned = [part for part in partitions(append) if part.ran]
    empty = [part for part in scanned if not rows(part)]
    return tuple(empty) if len(scanned) >= _MANY and len(empty) >= _EMPTY * len(scanned) else ()


def _left_out(node: PlanNode) -> bool:
    return node.actual is not None and node.actual.never_ran
