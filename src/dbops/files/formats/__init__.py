"""The file formats dbops reads: one module each, found by scan.

A format's module has ``NAME`` (what ``--format`` and errors call it), ``FOLDERS`` (how many folders deep its files may
lie), ``recognises(files)`` (do these files of a folder hold this format? Names and, where several tools use the same
names, the texts tell), ``parse(files)`` (the migrations in them, in the order in which they are run; raises
InvalidMigration) and ``scaffold`` (the files of a new migration).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol, cast

from dbops.errors import InvalidMigration, UsageError
from dbops.files.migration import Migration, SourceFile
from dbops.files.scaffold import Draft

OWN = "dbops"
"""dbops's own format: what a folder is taken for that no format knows, so that its errors say what is expected."""


class Format(Protocol):
    """What a format's module offers."""

    NAME: str
    FOLDERS: int

    def recognises(self, files: Sequence[SourceFile]) -> bool:
        """Say whether a folder with these files holds migrations in this format."""
        ...

    def parse(self, files: Sequence[SourceFile]) -> Sequence[Migration]:
        """Read the migrations, in order; raises InvalidMigration, naming file and line."""
        ...

    def scaffold(self, draft: Draft, existing: Sequence[Migration], /) -> tuple[str, Mapping[str, str]]:
        """Return the version of a new migration, and the texts of its files by their names inside the folder.

        ``existing`` are the folder's migrations. Raises UsageError where the format's own tool must do it.
        """
        ...


@cache
def formats() -> dict[str, Format]:
    """Return all formats by name."""
    modules = (
        cast(Format, importlib.import_module(f"{__name__}.{module.name}")) for module in pkgutil.iter_modules(__path__)
    )
    return {module.NAME: module for module in modules}


def format_of(files: Sequence[SourceFile], name: str | None = None) -> Format:
    """Return the format of a folder of files, or the one that is called ``name``.

    Raises InvalidMigration when the files fit several, UsageError for a name that no format has.
    """
    if name is not None:
        if name not in formats():
            raise UsageError.unknown_name("format", name, formats())
        return formats()[name]
    fitting = [candidate for candidate in formats().values() if candidate.recognises(files)]
    if len(fitting) > 1:
        names = " and ".join(sorted(candidate.NAME for candidate in fitting))
        raise InvalidMigration(
            f"{files[0].path}: this folder fits several formats: {names}",
            hint="say which with --format, or migrate.format in dbops.toml",
            details=[{"field": "format", "error": names, "file": files[0].path, "line": 1}],
        )
    return fitting[0] if fitting else formats()[OWN]
