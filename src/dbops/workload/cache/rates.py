"""Hit rates of calls that come at random (a Poisson process), where no log tells when they really came.

The formula of a time to live is from J. Jung, A. W. Berger and H. Balakrishnan, "Modeling TTL-based Internet Caches",
IEEE INFOCOM 2003. Real calls come in bursts, which a cache likes better.
"""

from __future__ import annotations

from math import exp


def with_ttl(calls: float, ttl: float) -> float:
    """Return the hit rate of one key that is asked for ``calls`` times a second, when answers live ``ttl`` seconds.

    Each miss begins a life, in which on average ``calls * ttl`` more calls come.
    """
    return calls * ttl / (1 + calls * ttl)


def invalidated(calls: float, writes: float) -> float:
    """Return the hit rate when an answer lives until the next of ``writes`` a second: a hit is a call after a call."""
    return calls / (calls + writes) if calls else 0.0


def stale(writes: float, ttl: float) -> float:
    """Return the share of hits that are older than a write.

    A hit's age is anything between 0 and ``ttl`` alike; at the age ``a`` no write came with probability exp(-writes a).
    """
    expected = writes * ttl
    return 1 - (1 - exp(-expected)) / expected if expected > 1e-9 else 0.0
