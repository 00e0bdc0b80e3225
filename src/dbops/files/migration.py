"""A migration, whatever tool's file format it was written in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from dbops.errors import InvalidMigration

_NUMBERS = re.compile(r"[0-9]+(?:[._][0-9]+)*")


REPEATABLE = "R__"
"""What the version of a repeatable migration begins with."""
Key: TypeAlias = tuple[int, ...] | str
"""What a version is known by, however it is spelled: its numbers, or its text where it isn't a number."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read: ``path`` as the user should see it, ``name`` its path inside the folder, with ``/``."""

    path: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Span:
    """A variable's value in a section's SQL: where it stands there, and where ``${name}`` stood; in characters."""

    name: str
    start: int
    length: int
    source_start: int
    source_length: int


@dataclass(frozen=True, slots=True)
class Section:
    """One direction of a migration.

    ``sql`` is the part of the file's text that starts at character ``start``; ``line`` is the file's line (from 1)
    on which it starts. ``transaction`` is what the file says of running it in a transaction, None when it says
    nothing. ``path`` and ``text`` are those of a file of its own, None for the migration's. ``variables`` says whether
    ``${name}`` stands for a variable even where nobody asked for variables, None where the file says nothing;
    ``spans`` are the values that were put in. ``places`` are, where a program writes the SQL, the characters of ``sql``
    from which on it comes from a place in the file's text; ``unknown`` is why the SQL is known only when it runs.
    """

    sql: str
    start: int
    line: int
    transaction: bool | None = None
    path: str | None = None
    text: str | None = None
    variables: bool | None = None
    spans: tuple[Span, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    unknown: str | None = None

    def offset(self, offset: int) -> int:
        """Return where in the file's text a character of ``sql`` comes from; of a value, where its ``${`` stands."""
        if self.places:
            return next((place for start, place in reversed(self.places) if start <= offset), self.places[0][1])
        shift = 0
        for span in self.spans:
            if offset < span.start:
                break
            if offset < span.start + span.length:
                return self.start + span.source_start
            shift = (span.source_start + span.source_length) - (span.start + span.length)
        return self.start + offset + shift

    def hidden(self, text: str) -> str:
        """Return a text about this section with ``${name}`` in the place of each value, the longest first.

        Values of up to three characters stay: they are no secrets, and stand in every other word.
        """
        values = {self.sql[span.start : span.start + span.length]: span.name for span in self.spans if span.length > 3}
        for value in sorted(values, key=len, reverse=True):
            text = text.replace(value, f"${{{values[value]}}}")
        return text


@dataclass(frozen=True, slots=True)
class Migration:
    """A version of the schema: how to get there and, unless ``down`` is None, back.

    ``text`` is the whole file, decoded, with LF line ends; ``checksum`` see :mod:`dbops.files.checksum`; it covers the
    files of both directions. ``depends`` are the versions that must be applied before, where the format says so: its
    files come in any order that honours them, and a late one is no trouble. A ``repeatable`` one (``R__name``) is run
    after all others, and again whenever its checksum changes. ``squashes`` are the versions of which it was made, its
    own among them: where they are applied, it is.
    """

    version: str
    name: str
    path: str
    text: str
    checksum: str
    up: Section
    down: Section | None
    depends: tuple[str, ...] | None = None
    repeatable: bool = False
    squashes: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Return what the version is known by."""
        return version_key(self.version)

    @property
    def label(self) -> str:
        """Return the version and the name, as people say it."""
        return self.version if self.name in {"", self.version} else f"{self.version} {self.name}"

    def path_of(self, section: Section) -> str:
        """Return the file that a direction stands in."""
        return section.path or self.path

    def text_of(self, section: Section) -> str:
        """Return the text of the file that a direction stands in."""
        return self.text if section.text is None else section.text


@cache  # versions are compared again and again, and there are as many as files
def version_key(version: str) -> Key:
    """Return what a version is known by: its numbers, so that 0141 is 141, else its text.

    Numbers are digits with dots or underscores between them.
    """
    if _NUMBERS.fullmatch(version) is None:
        return version
    return tuple(int(part) for part in version.replace("_", ".").split("."))


def in_order(migrations: Iterable[Migration]) -> tuple[Migration, ...]:
    """Sort by version, numbers before texts; raises InvalidMigration when two files claim the same one.

    For formats whose files have versions that tell the order; the others return them in order.
    """
    ordered = sorted(migrations, key=lambda migration: order_key(migration.key))
    refuse_duplicates(ordered)
    return tuple(ordered)


def order_key(key: Key) -> tuple[bool, tuple[int, ...], str]:
    """Return what sorts numbers by value, and texts after them."""
    return (True, (), key) if isinstance(key, str) else (False, key, "")


def refuse_duplicates(ordered: Iterable[Migration]) -> None:
    """Raise InvalidMigration when two migrations claim the same version."""
    seen: dict[Key, Migration] = {}
    for migration in ordered:
        first = seen.setdefault(migration.key, migration)
        if first is not migration:
            raise InvalidMigration(
                f"{first.path} and {migration.path} are both version {migration.version}",
                hint="give one of them a later version; if one is applied already, rename the other",
                details=[
                    {"field": "version", "error": "duplicate version", "file": path, "line": 1}
                    for path in (first.path, migration.path)
                ],
            )


def at_line(path: str, line: int, message: str, hint: str, *, column: int | None = None) -> InvalidMigration:
    """Return the error for something wrong at a place in a file."""
    where = f"{path}:{line}" + (f":{column}" if column else "")
    detail = {"field": "file", "error": message, "file": path, "line": line, "column": column}
    return InvalidMigration(f"{where}: {message}", hint=hint, details=[detail])


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of a character offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
