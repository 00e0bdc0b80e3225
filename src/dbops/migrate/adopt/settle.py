"""What to record of the other tool's claims, held against files and history. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbops.errors import ChecksumMismatch, MigrationFailed, MissingMigration
from dbops.files.migration import REPEATABLE, Key, Migration
from dbops.migrate import plan
from dbops.migrate.adopt.claims import Claim
from dbops.migrate.adopt.recognise import Adopting
from dbops.migrate.record import APPLIED, Applied, Record
from dbops.results.migration import State

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What dbops knows: the folder's files, its history, and the versions that it has dealt with before.

    Of the last the history knows more than the other tool: one that isn't applied any more was reverted since.
    """

    files: Sequence[Migration]
    record: Record
    dealt_with: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """``new`` is to be recorded, in this order; ``already`` was before; ``unknown`` has no file.

    ``pending`` are the files that nobody has applied, ``out_of_order`` those of them that are older than applied ones.
    """

    new: tuple[Claim, ...]
    already: tuple[str, ...]
    pending: tuple[str, ...]
    out_of_order: tuple[str, ...]
    unknown: tuple[Claim, ...]


def settle(claims: Sequence[Claim], known: Known, adopting: Adopting, tool: str) -> Settled:
    """Tell apart what is new, known and unknown, and refuse what does not fit together.

    Raises MissingMigration for versions without a file and ChecksumMismatch for edited files, unless accepted;
    MigrationFailed when the history has one half way, or has others that the tool doesn't know.
    """
    files, record = known.files, known.record
    once: dict[Key, Claim] = {}
    for made in claims:
        once.setdefault(made.key, made)
    rows = {row.key: row for row in record.rows}
    fresh = [made for key, made in once.items() if key not in rows and key not in known.dealt_with]
    unknown = tuple(made for made in fresh if made.file is None)
    new = tuple(made for made in fresh if made.file is not None)
    if unknown and not adopting.allow_missing:
        raise _without_file(unknown, tool)
    if new:
        _refuse_edited(new, adopting, tool)
        _refuse_conflicts(once, record, tool)
    after = Record((*record.rows, *map(_row, new)), record.steps, record.failures)
    statuses = plan.assess(files, after)
    pending = tuple(each.version for each in statuses if each.state in {State.PENDING, State.OUT_OF_ORDER})
    late = tuple(each.version for each in statuses if each.state is State.OUT_OF_ORDER)
    already = tuple(row.version for row in record.rows if row.key in once)
    return Settled(new, already, pending, late, unknown)


def _row(made: Claim) -> Applied:
    assert made.file is not None  # only what has a file is recorded
    file = made.file
    return Applied(file.version, file.name, file.checksum, APPLIED, made.applied_at or "", None, transactional=True)


def _without_file(unknown: Sequence[Claim], tool: str) -> MissingMigration:
    return MissingMigration(
        f"{tool} has applied {_labels(unknown)}, of which there is no file here",
        hint="is --dir right, is the checkout complete? What was removed on purpose is left out with --allow-missing",
        details=[
            {"field": "version", "error": "no file", "version": made.version, "name": made.name} for made in unknown
        ],
    )


def _refuse_edited(new: Sequence[Claim], adopting: Adopting, tool: str) -> None:
    edited = [made for made in new if made.edited]
    if edited and not adopting.allow_modified:
        raise ChecksumMismatch(
            f"{_labels(edited)}: edited after {tool} applied it",
            hint="restore the file as it was applied, or record it as it is now with --allow-modified",
            details=[
                {"field": "checksum", "error": "modified", "version": made.version, "file": made.file.path}
                for made in edited
                if made.file is not None
            ],
        )


def _refuse_conflicts(once: dict[Key, Claim], record: Record, tool: str) -> None:
    half = [row for row in record.rows if row.state != APPLIED]
    if half:
        raise MigrationFailed(
            f"{half[0].version} {half[0].name} was left half way while {half[0].state}",
            hint="finish it first: `dbops migrate status` says how",
            details=[{"field": "version", "error": row.state, "version": row.version} for row in half],
        )
    others = [row for row in record.rows if row.key not in once and not row.version.startswith(REPEATABLE)]
    if others:
        shown = ", ".join(row.version for row in others[:_SHOWN]) + (" …" if len(others) > _SHOWN else "")
        raise MigrationFailed(
            f"dbops's history has {shown}, which {tool}'s table has not: both were run on this database since",
            hint="let only one of them run; record by hand what the other one did, with "
            "`dbops migrate mark applied V --reason …`",
            details=[
                {"field": "version", "error": "only in dbops's history", "version": row.version} for row in others
            ],
        )


def _labels(claims: Sequence[Claim]) -> str:
    shown = ", ".join(f"{made.version} {made.name}".strip() for made in claims[:_SHOWN])
    more = f" and {len(claims) - _SHOWN} more" if len(claims) > _SHOWN else ""
    return shown + more
