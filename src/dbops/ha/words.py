"""Figures as people read them. Pure."""

from __future__ import annotations

from dbops.results.figures import size
from dbops.results.progress import duration

__all__ = ["duration", "size"]
