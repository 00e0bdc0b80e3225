"""``import``: a folder of another tool's migrations, written anew in dbops's own format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dbops.errors import InvalidMigration
from dbops.files.formats import OWN
from dbops.files.migration import Migration, SourceFile
from dbops.files.rewrite import Rewritten, rewrite
from dbops.migrate import source
from dbops.results.migration import ImportedMigration, ImportResult
from dbops.values import VARIABLE

_VARIABLE = re.compile(rf"\$\{{({VARIABLE.pattern})\}}")


def import_folder(folder: Path, to: Path, format: str | None = None) -> ImportResult:
    """Write the migrations of ``folder`` into ``to``, which must hold none; ``folder`` stays as it is.

    ``format`` is the name of the folder's format, None for the one that its files have. Raises InvalidMigration when
    it is dbops's own already, and for whatever can't be read or written.
    """
    found = source.look(folder, format)
    if found.format.NAME == OWN:
        what = "is in dbops's own format already" if found.migrations else "holds no migrations"
        raise _refused(folder, f"{folder} {what}", "name the folder of another tool's; --format names the tool")
    rewritten = rewrite(found.migrations)
    _refuse_filled(to)
    try:
        for each in rewritten:
            source.write(to / each.name, each.text)
    except OSError as error:
        raise source.unwritable(error) from None
    imported = tuple(_imported(each, to) for each in rewritten)
    taken = {path for each in imported for path in each.sources}
    unused = tuple(file.path for file in found.files if file.path not in taken and _is_sql(file))
    variables = sorted({name for migration in found.migrations for name in _variables(migration)})
    return ImportResult(str(folder), str(to), found.format.NAME, imported, unused, tuple(variables))


def _is_sql(file: SourceFile) -> bool:
    return file.name.lower().endswith(".sql")


def _refuse_filled(to: Path) -> None:
    if not to.exists():
        return
    held = source.names(to)
    if held:
        raise _refused(
            to,
            f"{to} holds migrations already, such as {held[0]}: nothing was written",
            "name a folder that is empty or isn't there with --to",
        )


def _refused(folder: Path, message: str, hint: str) -> InvalidMigration:
    return InvalidMigration(message, hint=hint, details=[{"field": "dir", "error": message, "file": str(folder)}])


def _imported(each: Rewritten, to: Path) -> ImportedMigration:
    migration = each.migration
    sections = (migration.up, migration.down)
    paths = tuple(dict.fromkeys(migration.path_of(section) for section in sections if section is not None))
    return ImportedMigration(migration.version, each.version, paths, str(to / each.name), migration.down is not None)


def _variables(migration: Migration) -> Iterator[str]:
    """Yield the names that must be given a value when the migration is run."""
    for section in (migration.up, migration.down):
        if section is not None and section.variables:
            yield from (match[1] for match in _VARIABLE.finditer(section.sql))
