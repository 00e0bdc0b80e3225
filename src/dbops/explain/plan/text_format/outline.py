"""The tree that a text plan's indentation draws.

A node's lines begin six columns right of its arrow (two, below the first node), where its children's arrows stand too;
an InitPlan, SubPlan or CTE has its name there, and its arrow two columns further right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from dbops.explain.plan.limits import DEEP, DEEP_HINT, DEEPEST
from dbops.explain.plan.lines import Line
from dbops.explain.plan.text_format import properties, summary
from dbops.explain.plan.text_format.node_line import KINDS, happened, node
from dbops.explain.plan.unreadable import AGAIN, COPY_AGAIN

ARROW = "->  "
_WORKER = re.compile(r"Worker (?P<number>\d{1,9}):(?: +(?P<rest>.*))?", re.DOTALL)
_MEMBERS = frozenset({"Append", "Merge Append", "BitmapAnd", "BitmapOr"})


@dataclass(slots=True)
class _Open:
    """A node whose lines may still come: ``column`` is where they begin."""

    raw: dict[str, Any]
    column: int
    inputs: list[dict[str, Any]] = field(default_factory=list)
    worker: dict[str, Any] | None = None
    block: dict[str, Any] | None = None


@dataclass(slots=True)
class Outline:
    """A document while its lines are read; ``shift`` is what all columns are to the right of where they should be."""

    document: dict[str, Any]
    shift: int
    nodes: list[_Open] = field(default_factory=list)
    name: str | None = None
    part: dict[str, Any] | None = None

    def begin(self, line: Line) -> None:
        """Read the first node's line."""
        raw = node(line)
        if raw["Node Type"] not in KINDS and not {"Plan Rows", "Actual Loops"} & raw.keys():
            raise line.unreadable("this is no plan: a node was expected, such as 'Seq Scan on t'", AGAIN)
        self.document["Plan"] = raw
        self.nodes = [_Open(raw, 2)]

    def add(self, line: Line, *, names: bool) -> None:
        """Read a line; ``names`` tells that it is the name of what the next line begins. Raises PlanUnreadable."""
        text = line.text.lstrip(" ")
        indent = len(line.text) - len(text)
        column = indent - self.shift
        line = line.part(indent)
        if column <= 0:
            self.part = summary.put(self.document, line)
            self.nodes = []
        elif self.part is not None:
            summary.put_inside(self.part, line)
        elif not self.nodes:
            raise line.unreadable("the indentation of this line fits nothing above it", COPY_AGAIN)
        elif text.startswith(ARROW):
            self._child(line, column)
        elif names:
            self._open_at(line, column)
            self.name = text.rstrip()
        else:
            self._property(line, column)

    def _child(self, line: Line, column: int) -> None:
        parent = self._open_at(line, column - 2 if self.name else column)
        child = node(line.part(len(ARROW)))
        child |= self._relationship(parent, child)
        parent.raw.setdefault("Plans", []).append(child)
        self.nodes.append(_Open(child, column + 6))
        self.name = None
        if len(self.nodes) > DEEPEST:
            raise line.unreadable(DEEP, DEEP_HINT)

    def _open_at(self, line: Line, column: int) -> _Open:
        """Return the node whose lines begin in the column, and close those further right."""
        while len(self.nodes) > 1 and self.nodes[-1].column > column:
            self.nodes.pop()
        if self.nodes[-1].column != column:
            raise line.unreadable("the indentation of this line fits no node above it", COPY_AGAIN)
        return self.nodes[-1]

    def _relationship(self, parent: _Open, child: dict[str, Any]) -> dict[str, Any]:
        """Return what the child is to its parent. Until 13 what a write reads are its members; several show that."""
        if self.name:
            role = "SubPlan" if self.name.startswith("SubPlan") else "InitPlan"
            return {"Parent Relationship": role, "Subplan Name": self.name}
        parent.inputs.append(child)
        kind = parent.raw["Node Type"]
        if kind == "Subquery Scan":
            return {"Parent Relationship": "Subquery"}
        if kind == "ModifyTable" and len(parent.inputs) == 2:
            parent.inputs[0]["Parent Relationship"] = "Member"
        if kind in _MEMBERS or (kind == "ModifyTable" and len(parent.inputs) > 1):
            return {"Parent Relationship": "Member"}
        return {"Parent Relationship": "Outer" if len(parent.inputs) == 1 else "Inner"}

    def _property(self, line: Line, column: int) -> None:
        """Read a line of the node it stands below, or of a worker or a set of keys there."""
        while len(self.nodes) > 1 and self.nodes[-1].column > column:
            self.nodes.pop()
        here = self.nodes[-1]
        deeper = column - here.column
        if deeper == 0:
            self._plain(here, line)
        elif deeper == 2 and here.worker is not None:
            here.block = _worker_line(here.worker, line)
        elif deeper == 4 and here.block is not None:
            summary.put_inside(here.block, line)
        elif deeper == 2 and "Grouping Sets" in here.raw:
            self._key(here, properties.split(line))
        else:
            raise line.unreadable("the indentation of this line fits no node above it", COPY_AGAIN)

    def _plain(self, here: _Open, line: Line) -> None:
        worker = _WORKER.fullmatch(line.text) if line.text.startswith("Worker ") else None
        if worker is not None:
            here.worker = _worker(here.raw, int(worker["number"]))
            if worker["rest"]:
                here.block = _worker_line(here.worker, line.part(worker.start("rest")))
            return
        here.worker = here.block = None
        if table := properties.written(line):
            here.raw.setdefault("Target Tables", []).append(table)
            return
        self._key(here, properties.split(line))

    def _key(self, here: _Open, said: properties.Property) -> None:
        if properties.is_grouping(here.raw, said):
            properties.grouping(here.raw, said)
        else:
            here.raw |= properties.values(said)


def _worker(raw: dict[str, Any], number: int) -> dict[str, Any]:
    """Return what is said of a worker, to be added to."""
    workers: list[dict[str, Any]] = raw.setdefault("Workers", [])
    if not workers or workers[-1]["Worker Number"] != number:
        workers.append({"Worker Number": number})
    return workers[-1]


def _worker_line(worker: dict[str, Any], line: Line) -> dict[str, Any] | None:
    """Read what a worker says; return the block that the lines below it belong to, if any."""
    text = line.text.rstrip()
    if text == "JIT:":
        block: dict[str, Any] = worker.setdefault("JIT", {})
        return block
    said = happened(text)
    worker |= properties.values(properties.split(line)) if said is None else said
    return None
