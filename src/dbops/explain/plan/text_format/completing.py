"""What the text format leaves out because it is nothing: a node without a line of blocks has touched none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbops.explain.plan.attributes import BLOCKS, IO_TIMES

_BLOCK_KEYS = tuple(key for keys in BLOCKS.values() for key in keys)
_IO_KEYS = tuple(key for keys in IO_TIMES.values() for key in keys)
_TIMES = ("Actual Startup Time", "Actual Total Time")


def complete(document: dict[str, Any]) -> None:
    """Fill in the zeros that the plan is known to have: of blocks, I/O and time, where any node has such a figure."""
    nodes = list(_walk(document["Plan"]))
    for keys, every in ((_BLOCK_KEYS, True), (_IO_KEYS, False)):
        seen = {key for node in nodes for key in keys if key in node}
        for node in nodes:
            if seen and "Actual Loops" in node:
                node.update({key: 0 for key in (keys if every else seen) if key not in node})
    timed = any(_TIMES[1] in node for node in nodes)
    for node in nodes:
        if timed and node.get("Actual Loops") == 0:
            node.update(dict.fromkeys(_TIMES, 0.0))
        if node["Node Type"] == "Function Scan" and "Function Call" in node and "Schema" not in node:
            node.pop("Function Name", None)  # the call of several functions has only an alias


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    nodes = [node]
    while nodes:
        node = nodes.pop()
        yield node
        nodes += node.get("Plans", ())
