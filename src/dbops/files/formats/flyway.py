"""Flyway's format: ``V1_2__name.sql``, what undoes it as ``U1_2__name.sql``, ``R__name.sql``, ``B5__name.sql``.

Folders within the folder hold migrations too. ``V1_2__name.sql.conf`` says ``executeInTransaction=false`` or
``placeholderReplacement=false`` of one. A baseline (``B``) stands for the versions up to its own: it is the first
migration where none of them is there, and isn't run where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dbops.files.formats.own import directions
from dbops.files.migration import (
    REPEATABLE,
    Migration,
    SourceFile,
    at_line,
    refuse_duplicates,
)
from dbops.files.names import refuse_programs
from dbops.files.pair import Side, pair
from dbops.files.scaffold import Draft
from dbops.files.text import decode
from dbops.values import VARIABLE

NAME = "flyway"
FOLDERS = 16

_FILE_NAME = re.compile(r"(?:.*/)?(?:([VUB])([0-9]+(?:[._][0-9]+)*)(?:__([^/]*))?|R__([^/]+))\.sql")
_CALLBACK = re.compile(r"(?:.*/)?(?:before|after|create)[A-Z]\w*(?:__[^/]*)?\.sql")
_SETTING = re.compile(
    r"[ \t]*(?:flyway\.)?(executeInTransaction|placeholderReplacement)[ \t]*=[ \t]*(true|false)[ \t]*"
)
_UNNAMED = re.compile(r"\$\{(?!" + VARIABLE.pattern + r"\})")
_CONF = ".sql.conf"
_NAME_HINT = "name it like V2__add_orders.sql, U2__add_orders.sql or R__orders_view.sql"


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    version: str
    name: str
    file: SourceFile

    @property
    def key(self) -> tuple[int, ...]:
        """Return the version's numbers without zeros at the end: 1.0 is 1 to Flyway."""
        numbers = [int(part) for part in self.version.split(".")]
        while numbers and not numbers[-1]:
            numbers.pop()
        return tuple(numbers)


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes to a versioned name; a repeatable one alone is dbops's too."""
    matches = (_FILE_NAME.fullmatch(file.name) for file in files)
    return any(match is not None and match[1] is not None for match in matches)


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read the versioned migrations by their numbers, then the repeatable ones by their names."""
    refuse_programs(files)
    found = [_found(file) for file in files if file.name.lower().endswith(".sql")]
    settings = _all_settings(files, found)
    ups = _by_version(each for each in found if each.kind == "V")
    downs = _by_version(each for each in found if each.kind == "U")
    for key, each in downs.items():
        if key not in ups:
            raise at_line(each.file.path, 1, f"there is no V{each.version} that it undoes", "restore it")
    versioned = sorted(_with_baseline(ups, found).items())
    repeatable = sorted((each for each in found if each.kind == "R"), key=lambda each: each.name)
    ordered = [_read(each, downs.get(key), settings) for key, each in versioned]
    ordered += [_read(each, None, settings) for each in repeatable]
    refuse_duplicates(ordered)
    return ordered


def scaffold(draft: Draft, _existing: Sequence[Migration]) -> tuple[str, Mapping[str, str]]:
    """Return the version and the files of a new migration, one that undoes it where the text has a down."""
    up, down = directions(draft.word, draft.text)
    files = {}
    for kind, section in (("V", up), ("U", down)):
        if section is not None:
            name = f"{kind}{draft.version}__{draft.word}.sql"
            files[name] = section.sql.strip("\n") + "\n"
            if section.transaction is False:
                files[f"{name}.conf"] = "executeInTransaction=false\n"
    return draft.version, files


def _found(file: SourceFile) -> _Found:
    match = _FILE_NAME.fullmatch(file.name)
    if _CALLBACK.fullmatch(file.name):
        raise at_line(
            file.path,
            1,
            "a callback of Flyway's: dbops has none",
            "make a migration of it (R__name.sql is run again when it changes), or take it out of the folder",
        )
    if match is None or not file.name.isprintable():
        raise at_line(file.path, 1, "the name is none of Flyway's", _NAME_HINT)
    kind, version, name, repeatable = match.groups()
    if repeatable is not None:
        return _Found("R", "", repeatable, file)
    return _Found(kind, version.replace("_", "."), name or "", file)


def _by_version(found: Iterable[_Found]) -> dict[tuple[int, ...], _Found]:
    versions: dict[tuple[int, ...], _Found] = {}
    for each in found:
        first = versions.setdefault(each.key, each)
        if first is not each:
            raise at_line(
                each.file.path,
                1,
                f"{first.file.path} is version {first.version} already",
                "give one of them a later version",
            )
    return versions


def _with_baseline(ups: Mapping[tuple[int, ...], _Found], found: Sequence[_Found]) -> Mapping[tuple[int, ...], _Found]:
    """Return the versioned migrations with the baseline that nothing comes before; others stand for what is there."""
    baselines = _by_version(each for each in found if each.kind == "B")
    first = min([*ups, *baselines], default=())
    return ups if first in ups or first not in baselines else {first: baselines[first], **ups}


_Settings = Mapping[str, bool]


def _all_settings(files: Iterable[SourceFile], found: Sequence[_Found]) -> Mapping[str, _Settings]:
    """Return what is said of each migration's file, by its name."""
    names = {each.file.name for each in found}
    settings = {}
    for file in files:
        if file.name.endswith(_CONF):
            name = file.name.removesuffix(".conf")
            if name not in names:
                raise at_line(file.path, 1, f"there is no {name} that it is about", "restore it, or remove this file")
            settings[name] = _settings(file)
    return settings


def _settings(file: SourceFile) -> _Settings:
    """Return what a script's configuration says, by setting."""
    settings: dict[str, bool] = {}
    for number, line in enumerate(decode(file).split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _SETTING.fullmatch(line)
        if match is None:
            raise at_line(
                file.path,
                number,
                f"{line.split('=')[0].strip()} is a setting that dbops doesn't know",
                "it knows executeInTransaction and placeholderReplacement, each true or false",
            )
        settings[match[1]] = match[2] == "true"
    return settings


def _read(found: _Found, down: _Found | None, settings: Mapping[str, _Settings]) -> Migration:
    version = f"{REPEATABLE}{found.name}" if found.kind == "R" else found.version
    back = None if down is None else _side(down.file, settings)
    return pair(version, found.name, _side(found.file, settings), back, repeatable=found.kind == "R")


def _side(file: SourceFile, settings: Mapping[str, _Settings]) -> Side:
    said = settings.get(file.name, {})
    variables = said.get("placeholderReplacement", True)
    if variables and (match := _UNNAMED.search(text := decode(file))):
        line = text.count("\n", 0, match.start()) + 1
        raise at_line(
            file.path,
            line,
            "${ begins no placeholder that dbops knows",
            "write ${name}; or say placeholderReplacement=false in a file of the same name with .conf behind",
        )
    # Flyway's default is a transaction; what is said beyond that is only that there is none.
    transaction = None if said.get("executeInTransaction", True) else False
    return Side(file, transaction, variables)
