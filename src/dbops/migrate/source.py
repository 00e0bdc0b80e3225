"""Reading the folder of migrations, and writing a new file into it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dbops.errors import InvalidMigration, UsageError
from dbops.files.formats import format_of
from dbops.files.migration import Migration, SourceFile
from dbops.files.scaffold import TEMPLATE, next_version, slug
from dbops.files.variables import expand
from dbops.migrate.options import Options
from dbops.results.migration import NewResult


def read(folder: Path) -> tuple[Migration, ...]:
    """Return the folder's migrations by version; an empty folder has none.

    Files that don't end in ``.sql`` and hidden ones are none of ours; one that ends in ``.SQL`` is an error rather
    than skipped. Raises InvalidMigration.
    """
    files = [_read_file(path) for path in _paths(folder)]
    return tuple(format_of(files).parse(files)) if files else ()


def chosen(options: Options) -> tuple[Migration, ...]:
    """Return the migrations that ``options`` mean, with the values of their variables in place."""
    return expand(read(options.directory), options.variables)


def _paths(folder: Path) -> list[Path]:
    try:
        found = (path for path in folder.iterdir() if _is_ours(path.name))
        return sorted(found, key=lambda path: path.name)  # comparing paths themselves takes ten times as long
    except OSError as error:
        raise InvalidMigration(
            f"{folder}: can't read the folder of migrations: {error.strerror}",
            hint="give it with --dir, or set migrate.dir in dbops.toml; `dbops migrate new NAME` makes it",
            details=[{"field": "dir", "error": str(error.strerror), "file": str(folder)}],
        ) from None


def _is_ours(name: str) -> bool:
    return name.lower().endswith(".sql") and not name.startswith(".")


def _read_file(path: Path) -> SourceFile:
    try:
        return SourceFile(str(path), path.name, path.read_bytes())
    except OSError as error:
        raise InvalidMigration(
            f"{path}:1: can't be read: {error.strerror}",
            hint="check its permissions, or take it out of the folder",
            details=[{"field": "file", "error": str(error.strerror), "file": str(path), "line": 1}],
        ) from None


def new(folder: Path, name: str, text: str = TEMPLATE) -> NewResult:
    """Write a migration, an empty one unless there is a ``text``, into the folder, making it when it isn't there."""
    try:
        word = slug(name)
    except ValueError as error:
        raise UsageError(str(error), hint="name what it does, such as add_orders_note") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        existing = read(folder)
        version = next_version([migration.version for migration in existing], datetime.now(UTC))
        path = folder / f"{version}_{word}.sql"
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InvalidMigration(
            f"{error.filename}: can't be written: {error.strerror}",
            hint="check the folder's permissions",
            details=[{"field": "dir", "error": str(error.strerror), "file": str(error.filename)}],
        ) from None
    return NewResult(str(path), version, word)
