"""A confidence interval for a median that assumes nothing about how the values are distributed. Pure.

How many of n independent values lie below their median is binomial(n, ½), so the k-th least and the k-th largest have
the median between them with the probability 1 - 2·P(B ≤ k - 1). Source: H. A. David and H. N. Nagaraja, *Order
Statistics*, 3rd edition (2003), section 7.1; the same as the sign test's interval in W. J. Conover, *Practical
Nonparametric Statistics*, 3rd edition (1999), section 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

LEVEL = 0.95
"""The least probability with which an interval covers the median."""
FEWEST = 6
"""The fewest values that have an interval: the least and the largest of five cover the median with 93.75 %."""


def coverage(count: int, rank: int) -> float:
    """Return how probably the median lies between the rank-th least and the rank-th largest of so many values."""
    below: int = sum(comb(count, number) for number in range(rank))
    return float(1 - below / 2 ** (count - 1))


def rank(count: int, level: float = LEVEL) -> int | None:
    """Return the largest rank, from 1, whose interval covers the median with that probability; None when none does."""
    fitting = [each for each in range(1, count // 2 + 1) if coverage(count, each) >= level]
    return fitting[-1] if fitting else None


def interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float] | None:
    """Return the confidence interval for the values' median, None when they are too few."""
    place = rank(len(values), level)
    if place is None:
        return None
    ordered = sorted(values)
    return ordered[place - 1], ordered[-place]
