"""The squashed file in the place of its originals."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dbops.errors import InvalidMigration
from dbops.migrate.source import write


def replaced(originals: Sequence[Path], archive: Path, path: Path, text: str) -> tuple[Path, ...]:
    """Move the originals into the archive and write the new file; when anything fails, all is put back.

    Returns where the originals are. Raises InvalidMigration.
    """
    moved: list[tuple[Path, Path]] = []
    try:
        archive.mkdir(parents=True, exist_ok=True)
        taken = next((archive / each.name for each in originals if (archive / each.name).exists()), None)
        if taken is not None:
            raise FileExistsError(0, "it is there already", str(taken))
        for each in originals:
            there = archive / each.name
            each.rename(there)
            moved.append((each, there))
        write(path, text)
    except BaseException as error:
        for each, there in reversed(moved):
            with suppress(OSError):
                there.rename(each)
        if isinstance(error, OSError):
            raise _unwritable(error, path) from None
        raise
    return tuple(there for _, there in moved)


def _unwritable(error: OSError, path: Path) -> InvalidMigration:
    file = error.filename or path
    return InvalidMigration(
        f"{file}: can't be written: {error.strerror}",
        hint="all is as it was; name another folder with --archive, or check the permissions",
        details=[{"field": "archive", "error": str(error.strerror), "file": str(file)}],
    )
