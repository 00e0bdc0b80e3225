"""EXPLAIN's names of figures, and numbers by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbops.explain.plan.limits import LARGEST

BLOCKS = {
    "hit": ("Shared Hit Blocks", "Local Hit Blocks"),
    "read": ("Shared Read Blocks", "Local Read Blocks"),
    "dirtied": ("Shared Dirtied Blocks", "Local Dirtied Blocks"),
    "written": ("Shared Written Blocks", "Local Written Blocks"),
    "temp_read": ("Temp Read Blocks",),
    "temp_written": ("Temp Written Blocks",),
}
# I/O times before 17 were of shared and local blocks together, and had no such word in their name.
IO_TIMES = {
    "read_ms": ("I/O Read Time", "Shared I/O Read Time", "Local I/O Read Time", "Temp I/O Read Time"),
    "write_ms": ("I/O Write Time", "Shared I/O Write Time", "Local I/O Write Time", "Temp I/O Write Time"),
}


def number(raw: Mapping[str, Any], key: str) -> float:
    """Return a figure, 0 where there is none; one that no server gives is cut to what can be reckoned with."""
    value = raw.get(key, 0)
    if type(value) not in {int, float}:
        return 0.0
    return float(value) if 0 <= value <= LARGEST else float(min(max(0, value), LARGEST))
