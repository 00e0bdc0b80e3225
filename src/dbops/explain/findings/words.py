"""Figures in the sentences of findings."""

from __future__ import annotations

BLOCK_KB = 8.0
"""Kilobytes of a block, unless PostgreSQL was built otherwise."""


def size(kilobytes: float) -> str:
    """Return kilobytes of 1024 bytes as ``64 kB``, ``4 MB``, ``1.5 GB``."""
    for unit in ("kB", "MB", "GB"):
        if kilobytes < 999.5:
            return f"{_short(kilobytes)} {unit}"
        kilobytes /= 1024
    return f"{_short(kilobytes)} TB"


def count(number: float) -> str:
    """Return a count as ``1,234``, or ``12.3 million`` where it is that large."""
    if number < 999_999.5:
        return f"{number:,.0f}"
    return f"{_short(number / 1e6)} million" if number < 999_500_000 else f"{_short(number / 1e9)} billion"


def counted(number: float, singular: str, plural: str | None = None) -> str:
    """Return a count and what is counted: ``1 row``, ``2,000 rows``."""
    return f"{count(number)} {singular if 0.5 < number < 1.5 else plural or singular + 's'}"


def share(part: float, whole: float) -> str:
    """Return a part of a whole as ``82 %``; what is neither none nor all is shown as neither."""
    portion = part / whole if whole else 0.0
    if 0 < portion < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= portion < 1 else f"{portion * 100:.0f} %"


def factor(ratio: float) -> str:
    """Return how many times as much: ``12×``."""
    return f"{count(ratio) if ratio >= 9.95 else _short(ratio)}×"


def time(ms: float) -> str:
    """Return milliseconds as ``0.04 ms``, ``410 ms``, ``34.5 s``."""
    return f"{_short(ms)} ms" if ms < 999.5 else f"{_short(ms / 1000)} s"


def cut(text: str, most: int = 120) -> str:
    """Return the text, or its beginning where it is long."""
    return text if len(text) <= most else text[: most - 2] + " …"


def _short(number: float) -> str:
    """Return a number with three digits, without zeros at its end behind the point."""
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
