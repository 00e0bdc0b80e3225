"""The result of ``dbops migrate adopt``; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.results.target import Target


@dataclass(frozen=True, slots=True)
class AdoptedMigration:
    """One migration that was recorded as applied.

    ``applied_at`` is the other tool's, ISO 8601, None where it keeps none (the history then has the time of the
    adoption). ``edited`` says whether the file differs from what the tool applied, None is unknown.
    """

    version: str
    name: str
    applied_at: str | None
    edited: bool | None


@dataclass(frozen=True, slots=True)
class UnknownMigration:
    """One that the other tool has applied and that has no file here, as the tool calls it."""

    version: str
    name: str
    applied_at: str | None


@dataclass(frozen=True, slots=True)
class OriginTable:
    """The other tool, and its version table with its schema."""

    tool: str
    table: str


@dataclass(frozen=True, slots=True)
class AdoptResult:
    """What was taken over, or with ``dry_run`` would be.

    ``already`` are versions that the history had before, ``pending`` those of files that nobody has applied,
    ``out_of_order`` those of them that are older than an applied one.
    """

    target: Target
    run_id: str
    origin: OriginTable
    dry_run: bool
    adopted: tuple[AdoptedMigration, ...]
    already: tuple[str, ...]
    pending: tuple[str, ...]
    out_of_order: tuple[str, ...]
    unknown: tuple[UnknownMigration, ...]
