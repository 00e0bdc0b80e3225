"""Traces by someone who had not seen the judge: applications with a loop, and applications that are right.

They were written and labelled from what the documentation promises, before the judge or its own samples were read.
"""

from __future__ import annotations

from workload.nplusone.heldout.negative import NEGATIVE
from workload.nplusone.heldout.positive import POSITIVE

__all__ = ["NEGATIVE", "POSITIVE"]
