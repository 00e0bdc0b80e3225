"""The file formats dbops reads: one module each, found by scan.

A format's module has ``NAME``, ``recognises(names)`` (does a folder with these file names hold this format?) and
``parse(files)`` (the migrations in them; raises InvalidMigration). They are asked in the order of ``PREFERENCE``,
the lowest first.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Protocol, cast

from dbops.errors import InvalidMigration
from dbops.files.migration import Migration, SourceFile


class Format(Protocol):
    """What a format's module offers."""

    NAME: str
    PREFERENCE: int

    def recognises(self, names: Sequence[str]) -> bool:
        """Say whether a folder with files of these names holds migrations in this format."""
        ...

    def parse(self, files: Sequence[SourceFile]) -> list[Migration]:
        """Read the migrations; raises InvalidMigration, naming file and line."""
        ...


@cache
def formats() -> tuple[Format, ...]:
    """Return all formats, the preferred first."""
    modules = [
        cast(Format, importlib.import_module(f"{__name__}.{module.name}")) for module in pkgutil.iter_modules(__path__)
    ]
    return tuple(sorted(modules, key=lambda module: module.PREFERENCE))


def format_of(files: Sequence[SourceFile]) -> Format:
    """Return the format of a folder of files; raises InvalidMigration when no format knows it."""
    names = [file.name for file in files]
    for candidate in formats():
        if candidate.recognises(names):
            return candidate
    raise InvalidMigration(
        f"{files[0].path}: the name is not VERSION_name.sql",
        hint="name it like 20260102030405_add_orders.sql or 0001_add_orders.sql; `dbops migrate new` does",
        details=[{"field": "file", "error": "bad name", "file": files[0].path, "line": 1}],
    )
