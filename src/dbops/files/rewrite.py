"""Migrations of another tool's format as files of dbops's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dbops.files.formats import own
from dbops.files.migration import REPEATABLE, Migration, Section, at_line, line_and_column, version_key

_NUMBER = re.compile(r"[0-9]+")
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A migration as a file of dbops's own: ``name`` is the file's, ``version`` the one in it."""

    migration: Migration
    version: str
    name: str
    text: str


def rewrite(migrations: Sequence[Migration]) -> tuple[Rewritten, ...]:
    """Return the migrations as files, in the same order, the SQL of each direction as it is.

    Versions are kept where all of them are numbers that rise, and are counted (0001) elsewhere. Raises
    InvalidMigration where a comment of a file's would be a marker in dbops's format.
    """
    versions = _versions([migration for migration in migrations if not migration.repeatable])
    rewritten = tuple(_rewritten(migration, versions) for migration in migrations)
    _refuse_same_names(rewritten)
    return rewritten


def _versions(migrations: Sequence[Migration]) -> dict[str, str]:
    """Return the new version of each, by the old one."""
    old = [migration.version for migration in migrations]
    numbers = [int(version) for version in old if _NUMBER.fullmatch(version)]
    if len(numbers) == len(old) and all(one < other for one, other in pairwise(numbers)):
        return {version: version for version in old}
    width = max(_WIDTH, len(str(len(old))))
    return {version: str(count).zfill(width) for count, version in enumerate(old, 1)}


def _refuse_same_names(rewritten: Sequence[Rewritten]) -> None:
    names: dict[str, Rewritten] = {}
    for each in rewritten:
        first = names.setdefault(each.name.lower(), each)
        if first is not each:
            raise at_line(
                each.migration.path, 1, f"{first.migration.path} becomes {each.name} too", "rename one of them"
            )


def _rewritten(migration: Migration, versions: Mapping[str, str]) -> Rewritten:
    if migration.repeatable:
        version = REPEATABLE + _word(migration.name)
        file = f"{version}.sql"
    else:
        version = versions[migration.version]
        file = f"{version}_{_word(migration.name or _wordy(migration.version))}.sql"
    sections = (("up", migration.up), ("down", migration.down))
    text = "".join(_marked(migration, direction, section) for direction, section in sections if section is not None)
    return Rewritten(migration, version, file, text)


def _word(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", name).strip("_.") or "unnamed"


def _wordy(version: str) -> str:
    """Return a version that is more than numbers, whose name would be lost with it."""
    return "" if isinstance(version_key(version), tuple) else version


def _marked(migration: Migration, direction: str, section: Section) -> str:
    """Return a direction behind its marker; raises InvalidMigration when its SQL has another in it."""
    sql = section.sql.removeprefix("\n")
    found = own.MARKER.search(section.sql)
    if found is not None:
        line, column = line_and_column(migration.text_of(section), section.offset(found.start()))
        raise at_line(
            migration.path_of(section),
            line,
            f"{found[0].strip()!r} would be a marker in dbops's format, and cut the SQL in two",
            "reword the comment",
            column=column,
        )
    options = [
        f" {name}:{str(value).lower()}"
        for name, value in (("transaction", section.transaction), ("variables", section.variables))
        if value is not None
    ]
    return f"-- migrate:{direction}{''.join(options)}\n{sql}" + ("" if sql.endswith("\n") else "\n")
