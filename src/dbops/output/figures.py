"""Figures for reading: times, counts, sizes, shares and factors, each short and with its unit.

Every function takes a figure that is known; what is unknown is left out, or shown as a ``?``, by the caller.
"""

from __future__ import annotations

from dbops.results.progress import duration

BLOCK = 8192
"""Bytes of a block, unless PostgreSQL was built otherwise."""
_NOTABLE = 10.0
"""From this factor on an estimate is off: pev2's and pgAdmin's first threshold."""


def time(ms: float) -> str:
    """Return milliseconds as ``0.04 ms``, ``3.2 ms``, ``410 ms``, ``1.23 s``, ``34.5 s`` or ``4 m 11 s``."""
    # The bounds are where rounding would reach the next unit.
    for bound, digits in ((0.095, 2), (9.95, 1), (999.5, 0)):
        if ms < bound:
            return f"{ms:.{digits}f} ms"
    if ms < 9_995:
        return f"{ms / 1000:.2f} s"
    return f"{ms / 1000:.1f} s" if ms < 59_950 else duration(ms / 1000)


def count(number: float) -> str:
    """Return a count as ``1,234``, or ``1.23 M`` (millions), ``12.3 G``, ``1.23 T`` where it is that large."""
    if number < 999_999.5:
        return f"{number:,.0f}"
    for bound, letter in ((1e9, "M"), (1e12, "G")):
        if number < bound * 0.9995:
            return f"{_three_digits(number / (bound / 1000))} {letter}"
    return f"{number / 1e12:,.3g} T" if number < 1e15 else f"{number:.3g}"


def size(number: float) -> str:
    """Return bytes as ``512 bytes``, ``8 kB``, ``1.5 MB``: a kB is 1024 bytes, as PostgreSQL counts."""
    if number < 1024:
        return f"{number:.0f} bytes"
    for letter in ("kB", "MB", "GB"):
        number /= 1024
        if number < 999.5:
            return f"{_three_digits(number)} {letter}"
    return f"{_three_digits(number / 1024)} TB"


def share(part: float) -> str:
    """Return a share (0 to 1) as ``82 %``; a small one that is not nothing as ``<1 %``."""
    percent = f"{part:.0%}".replace("%", " %")
    return "<1 %" if part > 0 and percent == "0 %" else percent


def factor(ratio: float) -> str:
    """Return a factor as ``1.05×``, ``2.3×``, ``12.3×``, ``1,234×``."""
    return f"{between(ratio, ratio)}×"


def between(low: float, high: float) -> str:
    """Return two factors with as many digits as the lower needs: ``1.40–2.20``, ``11.8–12.9``; one where they agree."""
    digits = 2 if low < 1.995 else 1 if low < 99.95 else 0
    one, other = (f"{each:,.{digits}f}" for each in (low, high))
    return one if one == other else f"{one}–{other}"


def misjudged(ratio: float | None) -> str:
    """Return how far an estimate is off: ``↑12×`` more rows than expected, ``↓40×`` fewer; "" for less than tenfold."""
    if ratio is None or 1 / _NOTABLE < ratio < _NOTABLE:
        return ""
    return f"↑{_times(ratio)}" if ratio > 1 else f"↓{_times(1 / ratio)}"


def _times(ratio: float) -> str:
    return f"{count(ratio).replace(' ', '')}×"


def _three_digits(number: float) -> str:
    """Return a number below 1000 with three digits, without zeros at its end behind the point."""
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
