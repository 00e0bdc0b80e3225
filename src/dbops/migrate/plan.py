"""What to run: files and history compared, and what stands against running. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dbops.errors import ChecksumMismatch, DbopsError, Irreversible, MigrationFailed, MissingMigration, OutOfOrder
from dbops.files.migration import REPEATABLE, Migration, version_key
from dbops.migrate.order import Place, places
from dbops.migrate.record import APPLIED, APPLYING, REVERTING, Applied, Record
from dbops.migrate.squashed import settled
from dbops.results.migration import MigrationStatus, State


@dataclass(frozen=True, slots=True)
class Accepted:
    """Troubles the user has said to accept."""

    modified: bool = False
    missing: bool = False
    out_of_order: bool = False


def assess(files: Sequence[Migration], record: Record, *, running: bool = False) -> tuple[MigrationStatus, ...]:
    """Return every migration of the files and of the history, in the order of the files.

    ``running`` says that a runner holds the lock: a half-applied migration is then under way rather than failed.
    """
    record = settled(files, record)
    return tuple(_assessed(place, record, running=running) for place in places(files, record))


def _assessed(place: Place, record: Record, *, running: bool) -> MigrationStatus:
    file, row = place.file, place.row
    if file is None:
        assert row is not None  # a place has one of them
        return _fileless(row, ahead=place.ahead, running=running)
    if row is None:
        return _pending(file, record, late=place.late)
    return _applied(file, row, running=running)


def _pending(file: Migration, record: Record, *, late: bool) -> MigrationStatus:
    failure = record.failures.get(file.key)
    note = None
    if failure is not None and failure.action in {"up", "redo"}:
        at = failure.at[:19].replace("T", " ")
        note = f"the last try failed at {at} UTC: {failure.error_code}"
    state = State.OUT_OF_ORDER if late else State.PENDING
    if late and note is None:
        note = "older than what is applied"
    return MigrationStatus(file.version, file.name, state, None, None, file.checksum, file.down is not None, note)


def _fileless(row: Applied, *, ahead: bool, running: bool) -> MigrationStatus:
    half = row.state != APPLIED
    note = None if ahead else "its file is gone"
    if half:
        note = f"{row.state} now" if running else "left half way, and its file is not here"
    # What is missing needs its file first, also to be resumed; what is ahead is a newer release's to resume.
    state = State.MISSING if not ahead else State.FAILED if half and not running else State.DATABASE_AHEAD
    return MigrationStatus(row.version, row.name, state, row.applied_at, row.execution_ms, row.checksum, None, note)


def _applied(file: Migration, row: Applied, *, running: bool) -> MigrationStatus:
    note = None
    if row.state != APPLIED:
        state = State.PENDING if running else State.FAILED
        direction = "up" if row.state == APPLYING else "down"
        note = f"{row.state} now" if running else f"left half way; `dbops migrate {direction}` resumes it"
    elif row.checksum == file.checksum:
        state = State.APPLIED
    elif file.repeatable:
        state, note = State.PENDING, "changed since it was run; `dbops migrate up` runs it again"
    else:
        state, note = State.MODIFIED, "the file was edited after it was applied"
    return MigrationStatus(
        file.version, file.name, state, row.applied_at, row.execution_ms, file.checksum, file.down is not None, note
    )


def to_apply(
    files: Sequence[Migration], record: Record, accepted: Accepted, *, to: str | None = None, steps: int | None = None
) -> tuple[Migration, ...]:
    """Return the migrations ``up`` would run, in order; a half-applied one is among them, to be resumed.

    Raises ChecksumMismatch, MissingMigration or OutOfOrder for what was not accepted.
    """
    record = settled(files, record)
    _refuse_troubles(assess(files, record), accepted)
    _refuse_half(record, REVERTING, "down")
    rows = {row.key: row for row in record.rows}
    within = files if to is None else up_to(files, to)
    chosen = [_as_recorded(file, row) for file in within if _is_due(file, row := rows.get(file.key))]
    return tuple(chosen if steps is None else chosen[:steps])


def _is_due(file: Migration, row: Applied | None) -> bool:
    return row is None or row.state == APPLYING or (file.repeatable and row.checksum != file.checksum)


def up_to(files: Sequence[Migration], version: str) -> tuple[Migration, ...]:
    """Return the files up to a version a person typed, and it; raises MissingMigration when there is none."""
    return (*files[: files.index(find(files, version)) + 1],)


def to_revert(
    files: Sequence[Migration],
    record: Record,
    accepted: Accepted,
    *,
    to: str | None = None,
    steps: int | None = None,
    everything: bool = False,
) -> tuple[Migration, ...]:
    """Return the migrations ``down`` would revert, the latest applied first; one step when nothing else is said.

    ``to`` is the version that stays. Raises what makes any of them impossible before anything is touched.
    """
    record = settled(files, record)
    _refuse_half(record, APPLYING, "up")
    by_key = {file.key: file for file in files}
    rows = [row for row in reversed(record.rows) if not _stays(row, by_key.get(row.key))]
    if to is not None:
        kept = version_key(to.strip())
        if record.row(kept) is None:
            raise MissingMigration(
                f"{to} is not applied, so there is no way down to it",
                hint="`dbops migrate status` lists what is applied; `down --all` reverts everything",
                details=[{"field": "to", "error": "not applied"}],
            )
        rows = rows[: next(index for index, row in enumerate(rows) if row.key == kept)]
    elif not everything:
        rows = rows[: 1 if steps is None else steps]
    return tuple(_revertible(row, by_key.get(row.key), accepted) for row in rows)


def _stays(row: Applied, file: Migration | None) -> bool:
    """Say whether ``down`` passes by: a repeatable migration has no way back, and is run again after the others."""
    return isinstance(row.key, str) and row.version.startswith(REPEATABLE) if file is None else file.repeatable


def _revertible(row: Applied, file: Migration | None, accepted: Accepted) -> Migration:
    label = f"{row.version} {row.name}"
    if file is None:
        raise MissingMigration(
            f"{label} is applied but its file is gone, and with it the way down",
            hint="restore the file; or undo it by hand and say so with `dbops migrate mark reverted "
            f"{row.version} --reason …`",
            details=[{"field": "version", "error": "no file", "version": row.version}],
        )
    if row.state == APPLIED and row.checksum != file.checksum and not accepted.modified:
        raise ChecksumMismatch(
            f"{file.path} was edited after it was applied: its down may not fit what is there",
            hint="restore the file, or accept the edit with --allow-modified",
            details=[{"field": "checksum", "error": "modified", "version": row.version, "file": file.path}],
        )
    if file.down is None:
        raise Irreversible(
            f"{label} has no down: nothing was reverted",
            hint=f"write one under `-- migrate:down` in {file.path}, or restore a backup",
            details=[{"field": "version", "error": "irreversible", "version": row.version, "file": file.path}],
        )
    return _as_recorded(file, row)


def _as_recorded(file: Migration, row: Applied | None) -> Migration:
    """Return the migration with its version as the history spells it: 141, where the file may be 0141 by now."""
    return file if row is None or file.version == row.version else replace(file, version=row.version)


def _refuse_half(record: Record, state: str, command: str) -> None:
    half = next((row for row in record.rows if row.state == state), None)
    if half is not None:
        raise MigrationFailed(
            f"{half.version} {half.name} was left half way while {state}",
            hint=f"finish it first with `dbops migrate {command}`; or settle it by hand and say so with "
            f"`dbops migrate mark applied|reverted {half.version}`",
            details=[{"field": "version", "error": state, "version": half.version}],
        )


def _refuse_troubles(statuses: Iterable[MigrationStatus], accepted: Accepted) -> None:
    for state, is_accepted, error, say, hint in _TROUBLES:
        found = [status for status in statuses if status.state == state]
        if found and not getattr(accepted, is_accepted):
            raise error(
                f"{_labels(found)}: {say}",
                hint=hint,
                details=[
                    {"field": "version", "error": state.value, "version": status.version, "name": status.name}
                    for status in found
                ],
            )


_TROUBLES: tuple[tuple[State, str, type[DbopsError], str, str], ...] = (
    (
        State.MODIFIED,
        "modified",
        ChecksumMismatch,
        "edited after being applied",
        "restore the file and put the change into a new migration; if the edit is harmless record it with "
        "`dbops migrate repair`, or pass --allow-modified this once",
    ),
    (
        State.MISSING,
        "missing",
        MissingMigration,
        "applied, but without a file here",
        "is --dir right, is the release complete? Restore the file, record its removal with `dbops migrate mark "
        "reverted`, or pass --allow-missing",
    ),
    (
        State.OUT_OF_ORDER,
        "out_of_order",
        OutOfOrder,
        "pending, but older than what is applied",
        "a late merge? Give it a new version, or run it all the same with --allow-out-of-order",
    ),
)


def _labels(found: Sequence[MigrationStatus], most: int = 3) -> str:
    shown = ", ".join(f"{status.version} {status.name}" for status in found[:most])
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return shown + more


def find(files: Sequence[Migration], version: str) -> Migration:
    """Return the file of a version a person typed; raises MissingMigration when there is none."""
    key = version_key(version.strip())
    for file in files:
        if file.key == key:
            return file
    raise MissingMigration(
        f"there is no migration {version}",
        hint="`dbops migrate status` lists the versions; is --dir right?",
        details=[{"field": "version", "error": "no such version"}],
    )
