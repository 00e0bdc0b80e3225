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


def period(seconds: float) -> str:
    """Return a length of time as somebody would choose it: ``500 ms``, ``30 s``, ``5 min``, ``1 h``."""
    for length, unit in ((3600, "h"), (60, "min")):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s" if seconds >= 1 or not seconds else f"{seconds * 1000:g} ms"
