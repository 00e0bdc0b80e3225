"""Results of ``dbops migrate dump``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.results.target import Target


@dataclass(frozen=True, slots=True)
class DumpResult:
    """The schema as SQL.

    ``file`` is what was written, or with ``stale`` what was compared: ``diff`` is then what would change in it.
    ``stale`` is None when nothing was compared.
    """

    target: Target
    run_id: str
    schema: str
    file: str | None = None
    stale: bool | None = None
    diff: str | None = None
