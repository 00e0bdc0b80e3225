"""Reading the folder of migrations, and writing a new one into it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dbops.errors import InvalidMigration, UsageError
from dbops.files.formats import Format, format_of
from dbops.files.migration import Migration, SourceFile
from dbops.files.names import is_ours, is_read
from dbops.files.scaffold import TEMPLATE, Draft, leading_numbers, next_version, slug
from dbops.files.variables import expand
from dbops.migrate.alembic.project import find, refuse
from dbops.migrate.options import Options
from dbops.results.migration import NewResult

_NEAR = 1
"""How many folders deep is looked to see what format a folder has: diesel has one a migration."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds: the files that its format looks at, and the migrations in them, in order."""

    format: Format
    files: tuple[SourceFile, ...]
    migrations: tuple[Migration, ...]


def read(folder: Path, format: str | None = None) -> tuple[Migration, ...]:
    """Return the folder's migrations in the order of their format; an empty folder has none.

    Hidden files are none of ours, nor is what no tool would take for a migration; what one would take for its own and
    dbops can't run is an error rather than skipped. ``format`` is a format's name, None for the one that the files
    have. A folder that is an Alembic project gives its revisions, unless a format is named. Raises InvalidMigration,
    and UsageError for a name that no format has.
    """
    project = find(folder) if format is None else None
    if project is not None:
        from dbops.migrate.alembic.reading import read as revisions

        return revisions(project, folder)
    return look(folder, format).migrations


def look(folder: Path, format: str | None = None) -> Found:
    """Return what the folder holds; see :func:`read`."""
    files = [_read_file(folder, name) for name in names(folder, _NEAR)]
    chosen = format_of(files, format)
    if chosen.FOLDERS > _NEAR:
        near = {file.name: file for file in files}
        files = [near.get(name) or _read_file(folder, name) for name in names(folder, chosen.FOLDERS)]
    within = tuple(file for file in files if file.name.count("/") <= chosen.FOLDERS)
    return Found(chosen, within, tuple(chosen.parse(within)) if within else ())


def chosen(options: Options) -> tuple[Migration, ...]:
    """Return the migrations that ``options`` mean, with the values of their variables in place."""
    return expand(read(options.directory, options.format), options.variables)


def names(folder: Path, depth: int = _NEAR) -> Sequence[str]:
    """Return the names inside the folder of the files that are ours, sorted, down to so many folders."""
    try:
        return sorted(_walk(str(folder), "", depth))
    except OSError as error:
        raise InvalidMigration(
            f"{error.filename or folder}: can't read the folder of migrations: {error.strerror}",
            hint="give it with --dir, or set migrate.dir in dbops.toml; `dbops migrate new NAME` makes it",
            details=[{"field": "dir", "error": str(error.strerror), "file": str(error.filename or folder)}],
        ) from None


def _walk(path: str, prefix: str, depth: int) -> Iterator[str]:
    with os.scandir(path) as entries:
        for entry in entries:
            name = prefix + entry.name
            if is_ours(name) and (is_read(name) or not entry.is_dir()):
                yield name
            elif depth and not entry.name.startswith(".") and entry.is_dir():
                yield from _walk(entry.path, f"{name}/", depth - 1)


def _read_file(folder: Path, name: str) -> SourceFile:
    path = folder / name
    try:
        return SourceFile(str(path), name, path.read_bytes() if is_read(name) else b"")
    except OSError as error:
        raise InvalidMigration(
            f"{path}:1: can't be read: {error.strerror}",
            hint="check its permissions, or take it out of the folder",
            details=[{"field": "file", "error": str(error.strerror), "file": str(path), "line": 1}],
        ) from None


def new(folder: Path, name: str, text: str = TEMPLATE, *, format: str | None = None) -> NewResult:
    """Write a migration into the folder in the folder's own format, making the folder when it isn't there.

    ``text`` holds both directions behind dbops's markers; without it both are empty. Nothing is overwritten.
    """
    try:
        word = slug(name)
    except ValueError as error:
        raise UsageError(str(error), hint="name what it does, such as add_orders_note") from None
    refuse(folder if format is None else None, "makes its own revisions", "`alembic revision -m NAME` makes one")
    try:
        found = look(folder, format) if folder.exists() else Found(format_of((), format), (), ())
        now = datetime.now(UTC)
        numbers = leading_numbers([migration.version for migration in found.migrations])
        draft = Draft(next_version(numbers, now), word, text, now)
        version, files = found.format.scaffold(draft, found.migrations)
        for inside, content in files.items():
            write(folder / inside, content)
    except OSError as error:
        raise unwritable(error) from None
    return NewResult(str(folder / next(iter(files))), version, word)


def write(path: Path, text: str) -> None:
    """Write a new file, and the folder it is in; raises FileExistsError rather than overwrite."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)


def unwritable(error: OSError) -> InvalidMigration:
    """Return the error for a file that can't be written."""
    return InvalidMigration(
        f"{error.filename}: can't be written: {error.strerror}",
        hint="check the folder's permissions",
        details=[{"field": "dir", "error": str(error.strerror), "file": str(error.filename)}],
    )
