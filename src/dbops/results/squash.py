"""Results of ``dbops migrate squash``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SquashResult:
    """``squashed`` are the versions that became one file at ``path``; ``archived`` where the originals are now.

    ``statements`` is how many it has, ``rows`` how many of them insert rows. ``scratch`` says where it was proven.
    """

    squashed: tuple[str, ...]
    path: str
    version: str
    statements: int
    rows: int
    archived: tuple[str, ...]
    scratch: str
