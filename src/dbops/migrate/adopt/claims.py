"""What another tool's version table says, as values, and how its rows find their files. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dbops.errors import MigrationFailed
from dbops.files.migration import Key, Migration, version_key

Row: TypeAlias = Mapping[str, Any]
"""A row of the other tool's table, as its origin's query names the columns; times are ISO 8601 in UTC."""

_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that may be a tool's: ``on_path`` says that the search path has its schema."""

    schema: str
    name: str
    columns: frozenset[str]
    on_path: bool
    readable: bool

    @property
    def label(self) -> str:
        """Return the name with its schema, as people write it."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A migration that the other tool says is applied; ``version`` and ``name`` are the tool's where no file is found.

    ``applied_at`` is None where the tool keeps no time. ``edited`` says whether the file differs from what the tool
    applied; None is unknown: the tool keeps no checksum, or one of another file.
    """

    version: str
    name: str
    applied_at: str | None
    file: Migration | None
    edited: bool | None = None

    @property
    def key(self) -> Key:
        """Return what the version is known by, the file's where there is one."""
        return version_key(self.version) if self.file is None else self.file.key


def claim(
    file: Migration | None, version: str, name: str = "", applied_at: str | None = None, *, edited: bool | None = None
) -> Claim:
    """Return the claim of a row whose file was looked for; ``version`` and ``name`` are the row's."""
    if file is None:
        return Claim(version, name, applied_at, None)
    return Claim(file.version, file.name, applied_at, file, edited)


def by_key(files: Iterable[Migration]) -> dict[Key, Migration]:
    """Return the files by what their versions are known by, repeatable ones left out."""
    return {file.key: file for file in files if not file.repeatable}


def by_name(files: Sequence[Migration]) -> Callable[[str], Migration | None]:
    """Return what finds a file by the name that a tool has for it.

    That is the version (sqitch, yoyo), else the file's own name without its ending, else the migration's name, else
    any of these with nothing but letters and digits compared: a name that several files have finds none of them.
    """
    spellings: tuple[Callable[[Migration], str], ...] = (
        lambda file: file.version,
        lambda file: stem(file.path),
        lambda file: file.name,
    )
    exact = [_unique(files, spelling) for spelling in spellings]
    alike = [_unique(files, spelling, squeeze) for spelling in spellings]

    def find(name: str) -> Migration | None:
        squeezed = squeeze(name)
        found = (*(names.get(name) for names in exact), *(names.get(squeezed) for names in alike))
        return next((file for file in found if file is not None), None)

    return find


def _unique(
    files: Iterable[Migration], spelling: Callable[[Migration], str], as_compared: Callable[[str], str] = str
) -> dict[str, Migration]:
    found: dict[str, list[Migration]] = {}
    for file in files:
        found.setdefault(as_compared(spelling(file)), []).append(file)
    return {name: same[0] for name, same in found.items() if name and len(same) == 1}


def stem(path: str) -> str:
    """Return the name of a file without its folder and its ``.sql``."""
    return path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".sql")


def squeeze(name: str) -> str:
    """Return the letters and digits of a name, in lower case."""
    return _NOT_WORD.sub("", name).lower()


def up_to(files: Sequence[Migration], key: Key) -> list[Claim]:
    """Return claims for the files up to a version, for tools that know only the last one; repeatable ones apart."""
    last = numbers(key)
    return [
        claim(file, file.version)
        for file in files
        if not file.repeatable and last is not None and (own := numbers(file.key)) is not None and own <= last
    ]


def numbers(key: Key) -> tuple[int, ...] | None:
    """Return a version's numbers without zeros at the end (1.0 is 1), None for one that isn't a number."""
    if isinstance(key, str):
        return None
    kept = list(key)
    while kept and kept[-1] == 0:
        kept.pop()
    return tuple(kept)


def in_files_order(claims: Iterable[Claim], files: Sequence[Migration]) -> list[Claim]:
    """Sort claims as their files are sorted, those without one at the end: for tools that keep no time."""
    places = {file.key: index for index, file in enumerate(files)}
    return sorted(claims, key=lambda made: places.get(made.key, len(places)))


def half_way(tool: str, table: Table, version: str, what: str, hint: str) -> MigrationFailed:
    """Return the error for a migration that the other tool left half way."""
    return MigrationFailed(
        f"{tool} left {version} half way: {table.label} says {what}",
        hint=hint,
        details=[{"field": "version", "error": "half way in the other tool", "version": version}],
    )
