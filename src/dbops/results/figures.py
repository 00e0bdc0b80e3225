"""Figures as people read them, in messages and in tables alike. Pure."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: int) -> str:
    """Return bytes in PostgreSQL's units of 1024: ``0 B``, ``64 kB``, ``1.2 MB``."""
    value = float(count)
    for unit in _UNITS[:-1]:
        if value < 1023.5:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.0f} {_UNITS[-1]}"
