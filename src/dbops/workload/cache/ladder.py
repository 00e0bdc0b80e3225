"""The times to live that are tried, and which of them is taken."""

from __future__ import annotations

from collections.abc import Mapping

LADDER = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds."""
STALE = 30.0
"""How old an answer may be, unless it is said: as long as nearly every list and page bears, and long enough to pay for
what is asked every few seconds. Only the application knows better."""
LIFETIME = 3600.0
"""How long an answer lives that is dropped, or written anew, at each write: a write that the cache was not told of does
no harm for longer."""
_ENOUGH = 0.9
"""A longer life that brings less than a tenth more is not worth older answers."""


def allowed(stale: float, covered: float | None = None) -> tuple[float, ...]:
    """Return the times to live up to ``stale``, itself included; of a log that is ``covered`` seconds long none longer.

    None is left where nothing may be old, or the log is shorter than the shortest.
    """
    rungs = sorted({each for each in LADDER if each <= stale} | ({stale} if stale > 0 else set()))
    return tuple(each for each in rungs if covered is None or each <= covered)


def shortest(rates: Mapping[float, float]) -> float | None:
    """Return the shortest time to live that brings nearly what the longest does; None where there is none."""
    best = max(rates.values(), default=0.0)
    return next((ttl for ttl in sorted(rates) if rates[ttl] >= _ENOUGH * best), None)
