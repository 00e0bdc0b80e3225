"""Results of ``dbops migrate drift``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.results.schema import Difference
from dbops.results.target import Target


@dataclass(frozen=True, slots=True)
class Fix:
    """The migration that ``--fix`` wrote: its up makes of what the migrations build what the target has.

    ``path`` and ``version`` are None when nothing could be expressed. ``left_out`` says what it does not settle.
    """

    path: str | None
    version: str | None
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DriftResult:
    """How the target differs from what its applied migrations build.

    ``expected`` is what they build, ``actual`` what the target has. ``ignored`` counts differences that were left
    out as asked. ``notes`` say what was put aside or could not be compared, and why. ``scratch`` says in words where
    the migrations were run, ``migrations`` how many.
    """

    target: Target
    run_id: str
    differences: tuple[Difference, ...]
    ignored: int
    notes: tuple[str, ...]
    migrations: int
    scratch: str
    fix: Fix | None = None
