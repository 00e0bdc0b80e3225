"""What an index is worth, found out on a copy: rows, indexes and the query's time, with and without."""

from __future__ import annotations

from dbops.explain.prove.prove import prove
from dbops.explain.prove.trial import Limits, Proof, Proven, Refuted, Trial

__all__ = ["Limits", "Proof", "Proven", "Refuted", "Trial", "prove"]
