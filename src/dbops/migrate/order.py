"""Files and history in one order: that of the files, with what has lost its file where it belongs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbops.files.migration import REPEATABLE, Key, Migration
from dbops.migrate.record import Applied, Record

_Slot = tuple[Migration | None, Applied | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A migration's place: its file, its row of the history, or both.

    ``late``: it is pending, and something that comes after it is applied. ``ahead``: it has no file, and no file comes
    after it.
    """

    file: Migration | None
    row: Applied | None
    late: bool
    ahead: bool


def places(files: Sequence[Migration], record: Record) -> tuple[Place, ...]:
    """Return every migration of the files and of the history, in order."""
    merged = _merged(files, record)
    ordered = [index for index, slot in enumerate(merged) if not _is_repeatable(slot)]
    last_row = max((index for index in ordered if merged[index][1] is not None), default=-1)
    last_file = max((index for index in ordered if merged[index][0] is not None), default=len(merged))
    return tuple(
        Place(
            file,
            row,
            late=row is None and file is not None and _has_a_place(file) and index < last_row,
            ahead=file is None and index > last_file,
        )
        for index, (file, row) in enumerate(merged)
    )


def _is_repeatable(slot: _Slot) -> bool:
    file, row = slot
    return file.repeatable if file is not None else row is not None and row.version.startswith(REPEATABLE)


def _has_a_place(file: Migration) -> bool:
    return file.depends is None and not file.repeatable


def _merged(files: Sequence[Migration], record: Record) -> list[_Slot]:
    rows = {row.key: row for row in record.rows}
    merged: list[_Slot] = [(file, rows.get(file.key)) for file in files]
    known = {file.key for file in files}
    previous: Key | None = None
    for row in record.rows:
        if row.key not in known:
            merged.insert(_where(merged, row, previous), (None, row))
        previous = row.key
    return merged


def _where(merged: Sequence[_Slot], row: Applied, previous: Key | None) -> int:
    """Return where a row without a file belongs: a repeatable one last, and so it stops nobody."""
    if row.version.startswith(REPEATABLE):
        return len(merged)
    return _after(merged, previous) if isinstance(row.key, str) else _before_greater(merged, row.key)


def _before_greater(merged: Sequence[_Slot], key: tuple[int, ...]) -> int:
    """Return where a number belongs: before the first greater one, and before what isn't a number."""
    return next((i for i, slot in enumerate(merged) if isinstance(k := _key(slot), str) or k > key), len(merged))


def _after(merged: Sequence[_Slot], previous: Key | None) -> int:
    """Return where what has no order of its own belongs: behind what was applied before it."""
    return next((index + 1 for index, slot in enumerate(merged) if _key(slot) == previous), 0)


def _key(slot: _Slot) -> Key:
    file, row = slot
    if file is not None:
        return file.key
    assert row is not None  # a slot has one of them
    return row.key
