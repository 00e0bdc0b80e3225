"""A migration, whatever tool's file format it was written in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from dbops.errors import InvalidMigration


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read: ``path`` as the user should see it, ``name`` its last part."""

    path: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Section:
    """One direction of a migration.

    ``sql`` is the part of the file's text that starts at character ``start``; ``line`` is the file's line (from 1)
    on which it starts. ``transaction`` is what the file says of running it in a transaction, None when it says
    nothing.
    """

    sql: str
    start: int
    line: int
    transaction: bool | None = None


@dataclass(frozen=True, slots=True)
class Migration:
    """A version of the schema: how to get there and, unless ``down`` is None, back.

    ``text`` is the whole file, decoded, with LF line ends; ``checksum`` see :mod:`dbops.files.checksum`.
    """

    version: str
    name: str
    path: str
    text: str
    checksum: str
    up: Section
    down: Section | None

    @property
    def key(self) -> tuple[int, ...]:
        """Return what versions are ordered by."""
        return version_key(self.version)

    @property
    def label(self) -> str:
        """Return the version and the name, as people say it."""
        return f"{self.version} {self.name}"


@cache  # versions are compared again and again, and there are as many as files
def version_key(version: str) -> tuple[int, ...]:
    """Return the order of a version: its numbers, so that 9 comes before 10 and 0141 is 141.

    Raises ValueError when it isn't made of digits, apart from dots and underscores between them.
    """
    return tuple(int(part) for part in version.replace("_", ".").split("."))


def in_order(migrations: Iterable[Migration]) -> tuple[Migration, ...]:
    """Sort by version; raises InvalidMigration when two files claim the same one."""
    ordered = sorted(migrations, key=lambda migration: migration.key)
    for first, second in pairwise(ordered):
        if first.key == second.key:
            raise InvalidMigration(
                f"{first.path} and {second.path} are both version {second.version}",
                hint="give one of them a later version; if one is applied already, rename the other",
                details=[
                    {"field": "version", "error": "duplicate version", "file": path, "line": 1}
                    for path in (first.path, second.path)
                ],
            )
    return tuple(ordered)


def at_line(path: str, line: int, message: str, hint: str, *, column: int | None = None) -> InvalidMigration:
    """Return the error for something wrong at a place in a file."""
    where = f"{path}:{line}" + (f":{column}" if column else "")
    detail = {"field": "file", "error": message, "file": path, "line": line, "column": column}
    return InvalidMigration(f"{where}: {message}", hint=hint, details=[detail])


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of a character offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
